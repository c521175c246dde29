import Failover
import Notify

/// Tells people, by the ways that the configuration names.
struct PeopleNotifier: SiteNotifier {
    let notifier: Notifier
    let cluster: String

    func tell(_ notice: SiteNotice) async {
        notifier.send(
            NotifyEvent(
                kind: "site.\(notice.weight.rawValue)", cluster: cluster, title: notice.subject, text: notice.text))
    }
}
