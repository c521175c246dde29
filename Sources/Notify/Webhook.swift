import HTTP
import Settings

/// Posts the event as JSON.
struct Webhook: NotifyDelivery {
    let settings: WebhookSettings
    let timeout: Duration
    let client: HTTPClient

    func deliver(_ event: NotifyEvent) async throws(DeliveryFailed) {
        var request = HTTPRequest(
            "POST", url: settings.url.value, shown: settings.shown,
            headers: [("Content-Type", "application/json")] + settings.headers.map { ($0.name, $0.value.value) },
            body: event.json, limit: timeout, connectLimit: timeout)
        request.caFile = settings.caFile
        request.bodyBytesMax = 1 << 16
        request.cutsBody = true
        let status: Int
        do { status = try await client.send(request).status } catch {
            throw DeliveryFailed(
                reason: (error as? HTTPError)?.description ?? "broken off", isWorthAnother: error is HTTPError)
        }
        guard !(200...299).contains(status) else { return }
        // What was refused for what it is will be refused again.
        let mayGoBetter = status >= 500 || status == 408 || status == 425 || status == 429
        throw DeliveryFailed(reason: "POST \(settings.shown): status \(status)", isWorthAnother: mayGoBetter)
    }
}
