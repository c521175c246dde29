import CLibCurl

/// One request on its way: libcurl's handle, and what it reads from and writes to.
///
/// `@unchecked Sendable` is safe because it is made by one task, which hands it over to the thread of transfers under that
/// thread's lock and keeps no reference; from then on only that thread touches it.
final class Transfer: @unchecked Sendable {
    struct Result: Sendable {
        var status = 0
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
    }

    private enum What {
        case web(HTTPRequest)
        case mail(MailRequest)
        case connection(TCPTarget)
    }

    private let what: What
    private var handle: UnsafeMutableRawPointer?
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private var errorText = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
    fileprivate var result = Result()
    fileprivate var isTooLarge = false
    fileprivate var upload: ArraySlice<UInt8> = []

    init(_ request: HTTPRequest) { what = .web(request) }

    init(_ target: TCPTarget) { what = .connection(target) }

    init(_ mail: MailRequest) {
        what = .mail(mail)
        upload = mail.message[...]
    }

    // MARK: Its life, on the thread

    /// Adds it to those that libcurl works on.
    ///
    /// - Returns: the handle by which libcurl will name it.
    func begin(in multi: UnsafeMutableRawPointer) throws(HTTPError) -> UnsafeMutableRawPointer {
        guard let handle = curl_easy_init() else { throw failure(CURLE_OUT_OF_MEMORY) }
        self.handle = handle
        let setup = Setup(handle: handle)
        setup.common(self)
        switch what {
        case .web(let request): setup.web(request)
        case .mail(let mail): setup.mail(mail)
        case .connection(let target): setup.connection(target)
        }
        lists = setup.lists
        guard let code = setup.problem else {
            curl_multi_add_handle(multi, handle)
            return handle
        }
        defer { free() }
        throw failure(code)
    }

    func abandon(in multi: UnsafeMutableRawPointer) {
        if let handle { curl_multi_remove_handle(multi, handle) }
        free()
    }

    func end(_ code: CURLcode, in multi: UnsafeMutableRawPointer) -> Swift.Result<Result, any Error> {
        guard let handle else { return .failure(failure(code)) }
        result.status = switchback_curl_get_long(handle, CURLINFO_RESPONSE_CODE)
        let error = code == CURLE_OK || isCut ? nil : failure(code)
        abandon(in: multi)
        return error.map { .failure($0) } ?? .success(result)
    }

    /// Whether the end of the body was not wanted.
    private var isCut: Bool {
        if case .web(let request) = what { isTooLarge && request.cutsBody } else { false }
    }

    private func free() {
        if let handle { curl_easy_cleanup(handle) }
        handle = nil
        for list in lists { curl_slist_free_all(list) }
        lists = []
    }

    // MARK: What went wrong

    private func failure(_ code: CURLcode) -> HTTPError {
        let stage = stage
        let kind: HTTPError.Kind =
            switch code {
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
            case CURLE_COULDNT_CONNECT: .connect
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_WRITE_ERROR where isTooLarge: .tooLarge
            case _ where Self.ofTLS.contains(code.rawValue): .tls
            default: .other(Int(code.rawValue))
            }
        let systemError = handle.map { Int32(switchback_curl_get_long($0, CURLINFO_OS_ERRNO)) } ?? 0
        return HTTPError(kind, stage, systemError: systemError, "\(asked) failed: \(words(for: code, kind, stage))")
    }

    private var asked: String {
        switch what {
        case .web(let request): request.description
        case .mail(let mail): mail.description
        case .connection(let target): "connecting to \(target.description)"
        }
    }

    private var stage: HTTPError.Stage {
        guard let handle else { return .resolving }
        func isPast(_ info: CURLINFO) -> Bool { switchback_curl_get_size(handle, info) > 0 }
        if isPast(CURLINFO_PRETRANSFER_TIME_T) { return .answering }
        if isPast(CURLINFO_CONNECT_TIME_T) { return isPast(CURLINFO_APPCONNECT_TIME_T) ? .answering : .securing }
        return isPast(CURLINFO_NAMELOOKUP_TIME_T) ? .connecting : .resolving
    }

    private func words(for code: CURLcode, _ kind: HTTPError.Kind, _ stage: HTTPError.Stage) -> String {
        switch (kind, what) {
        case (.timeout, .web(let request)):
            return "no answer within \(request.limit), while \(stage.rawValue)"
        case (.timeout, .connection(let target)):
            return "no answer within \(target.limit), while \(stage.rawValue)"
        case (.timeout, .mail(let mail)): return "it took longer than \(mail.limit)"
        case (.tooLarge, .web(let request)): return "the answer is larger than \(request.bodyBytesMax) bytes"
        default: break
        }
        let general = String(cString: curl_easy_strerror(code))
        let bytes = errorText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let special = String(decoding: bytes, as: UTF8.self)
        return special.isEmpty || secrets.contains { special.contains($0) } ? general : special
    }

    /// What libcurl was given and nobody is to read. Its words name hosts and ports; this makes sure of it.
    private var secrets: [String] {
        let texts: [String]
        switch what {
        case .web(let request):
            let parts = request.url.split(separator: "/", omittingEmptySubsequences: true).dropFirst()
            let user = parts.first.flatMap { $0.lastIndex(of: "@").map { end in String(parts.first![..<end]) } }
            let path = parts.dropFirst().joined(separator: "/")
            texts = [request.credentials?.password ?? "", user ?? "", path] + request.headers.map(\.value)
        case .mail(let mail): texts = [mail.credentials?.password ?? ""]
        case .connection: texts = []
        }
        return texts.filter { $0.utf8.count > 3 }
    }

    private static let ofTLS = Set(
        [
            CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
        ].map(\.rawValue))

    // MARK: What libcurl writes to and reads from

    /// Where libcurl puts its own words. The array is never resized, and lives as long as the handle.
    fileprivate func setErrorBuffer(of handle: UnsafeMutableRawPointer) {
        errorText.withUnsafeMutableBufferPointer {
            _ = switchback_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, $0.baseAddress)
        }
    }

    fileprivate func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard case .web(let request) = what else { return true }
        let room = request.bodyBytesMax - result.body.count
        result.body += bytes.prefix(room)
        isTooLarge = bytes.count > room
        return !isTooLarge
    }

    fileprivate func receive(header line: Substring) {
        // Of a redirect or of "100 Continue": what comes now is another answer.
        if line.hasPrefix("HTTP/") {
            result.headers = []
            result.body = []
        }
        guard let colon = line.firstIndex(of: ":"), !line.hasPrefix("HTTP/") else { return }
        func trimmed(_ text: Substring) -> String {
            let blanks: Set<Character> = [" ", "\t", "\r", "\n", "\r\n"]
            let text = text.drop { blanks.contains($0) }
            return String(text.prefix(text.reversed().drop { blanks.contains($0) }.count))
        }
        result.headers.append((trimmed(line[..<colon]), trimmed(line[line.index(after: colon)...])))
    }

    fileprivate func provide(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let part = upload.prefix(buffer.count)
        buffer.copyBytes(from: part)
        upload = upload.dropFirst(part.count)
        return part.count
    }
}

/// Tells a handle what to do. A setting that this libcurl does not know is a problem, not a surprise.
private final class Setup {
    let handle: UnsafeMutableRawPointer
    private(set) var lists: [UnsafeMutablePointer<curl_slist>] = []
    private(set) var problem: CURLcode?

    init(handle: UnsafeMutableRawPointer) { self.handle = handle }

    func common(_ transfer: Transfer) {
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        transfer.setErrorBuffer(of: handle)
        set(CURLOPT_NOSIGNAL, 1)
        check(switchback_curl_leave_resolver(handle))
        // The transfer holds the handle, and frees it: the pointer never outlives what it points at.
        check(switchback_curl_set_receiver(handle, CURLOPT_WRITEFUNCTION, takeBody))
        check(switchback_curl_set_pointer(handle, CURLOPT_WRITEDATA, context))
        check(switchback_curl_set_receiver(handle, CURLOPT_HEADERFUNCTION, takeHeader))
        check(switchback_curl_set_pointer(handle, CURLOPT_HEADERDATA, context))
        check(switchback_curl_set_reader(handle, giveUpload))
        check(switchback_curl_set_pointer(handle, CURLOPT_READDATA, context))
    }

    func web(_ request: HTTPRequest) {
        check(switchback_curl_allow(handle, 0))
        set(CURLOPT_URL, request.url)
        limits(request.limit, connect: request.connectLimit)
        trust(request.verifiesTLS, request.caFile)
        set(CURLOPT_FOLLOWLOCATION, request.followsRedirects ? 1 : 0)
        set(CURLOPT_MAXREDIRS, 10)
        if let (user, password) = request.credentials { login(user, password) }
        if let scope = request.awsSigV4 { set(CURLOPT_AWS_SIGV4, scope) }
        if request.usesFreshConnection {
            set(CURLOPT_FRESH_CONNECT, 1)
            set(CURLOPT_FORBID_REUSE, 1)
            set(CURLOPT_DNS_CACHE_TIMEOUT, 0)
        }
        if !request.usesProxy { set(CURLOPT_PROXY, "") }
        // CURLOPT_RESOLVE would tell every other transfer of this thread as well.
        set(CURLOPT_CONNECT_TO, request.resolve.map(Self.destination))
        method(request)
        headers(request)
    }

    func mail(_ mail: MailRequest) {
        check(switchback_curl_allow(handle, 1))
        set(CURLOPT_URL, mail.server)
        limits(mail.limit, connect: mail.limit)
        trust(mail.verifiesTLS, mail.caFile)
        let security =
            switch mail.security {
            case .never: CURLUSESSL_NONE
            case .whereOffered: CURLUSESSL_TRY
            case .always: CURLUSESSL_ALL
            }
        set(CURLOPT_USE_SSL, Int(security.rawValue))
        if let (user, password) = mail.credentials { login(user, password) }
        set(CURLOPT_MAIL_FROM, "<\(mail.sender)>")
        check(switchback_curl_allow_refused(handle))
        set(CURLOPT_MAIL_RCPT, mail.recipients.map { "<\($0)>" })
        set(CURLOPT_UPLOAD, 1)
        check(switchback_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(mail.message.count)))
    }

    /// A connection and nothing more: libcurl needs a protocol's name for it, and does not speak it.
    func connection(_ target: TCPTarget) {
        check(switchback_curl_allow(handle, 0))
        set(CURLOPT_URL, "http://\(target.description)/")
        set(CURLOPT_CONNECT_ONLY, 1)
        set(CURLOPT_PROXY, "")
        set(CURLOPT_FRESH_CONNECT, 1)
        set(CURLOPT_FORBID_REUSE, 1)
        set(CURLOPT_DNS_CACHE_TIMEOUT, 0)
        limits(target.limit, connect: target.limit)
    }

    private func method(_ request: HTTPRequest) {
        switch request.method {
        case "GET" where request.body == nil: set(CURLOPT_HTTPGET, 1)
        case "HEAD": set(CURLOPT_NOBODY, 1)
        default:
            if let body = request.body ?? (request.method == "POST" ? [] : nil) {
                check(switchback_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
                // Copied by libcurl; of no bytes there is no address to copy from.
                (body + [0]).withUnsafeBytes {
                    let start = UnsafeMutableRawPointer(mutating: $0.baseAddress)
                    check(switchback_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, start))
                }
            }
            set(CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    private func headers(_ request: HTTPRequest) {
        let names = Set(request.headers.map { $0.name.lowercased() })
        // A header without a value is written with a semicolon, or libcurl leaves it out.
        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        if !names.contains("user-agent") { set(CURLOPT_USERAGENT, "switchback") }
        // What libcurl would say of its own accord. The signature of AWS covers every line of this list, also those that
        // only take one away.
        if request.body != nil, request.awsSigV4 == nil {
            if !names.contains("expect") { lines.append("Expect:") }
            if !names.contains("content-type") { lines.append("Content-Type:") }
        }
        set(CURLOPT_HTTPHEADER, lines)
    }

    private func limits(_ whole: Duration, connect: Duration) {
        set(CURLOPT_TIMEOUT_MS, max(1, whole.milliseconds))
        set(CURLOPT_CONNECTTIMEOUT_MS, max(1, min(connect, whole).milliseconds))
    }

    private func trust(_ verifies: Bool, _ file: String?) {
        set(CURLOPT_SSL_VERIFYPEER, verifies ? 1 : 0)
        set(CURLOPT_SSL_VERIFYHOST, verifies ? 2 : 0)
        if let file { set(CURLOPT_CAINFO, file) }
    }

    private func login(_ user: String, _ password: String) {
        set(CURLOPT_USERNAME, user)
        set(CURLOPT_PASSWORD, password)
    }

    /// `HOST:PORT:ADDRESS` as CURLOPT_CONNECT_TO has it: with the port again.
    private static func destination(_ line: String) -> String {
        let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? "\(line):\(parts[1])" : line
    }

    // MARK: By kind of value

    private func check(_ code: CURLcode) { if code != CURLE_OK { problem = problem ?? code } }

    private func set(_ option: CURLoption, _ value: Int) { check(switchback_curl_set_long(handle, option, value)) }

    private func set(_ option: CURLoption, _ value: String) { check(switchback_curl_set_text(handle, option, value)) }

    private func set(_ option: CURLoption, _ lines: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else { return check(CURLE_OUT_OF_MEMORY) }
            list = longer
        }
        guard let list else { return }
        lists.append(list)
        check(switchback_curl_set_list(handle, option, list))
    }
}

extension Duration {
    fileprivate var milliseconds: Int {
        Int(min(components.seconds, 1_000_000) * 1000 + components.attoseconds / 1_000_000_000_000_000)
    }
}

// Free functions: C callbacks that are closures in an isolated context would trap on a foreign thread.

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

private func takeBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    let isTaken = transfer(context)?.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? false
    // Any other number than that of the bytes ends the transfer.
    return isTaken ? size * count : (size * count == 0 ? 1 : 0)
}

private func takeHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: size * count), as: UTF8.self)
    transfer(context)?.receive(header: line[...])
    return size * count
}

private func giveUpload(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    transfer(context)?.provide(UnsafeMutableRawBufferPointer(start: buffer, count: size * count)) ?? 0
}
