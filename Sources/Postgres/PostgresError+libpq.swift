import CLibPQ

/// The fields of an error or notice that this module reads, by their codes in libpq's `postgres_ext.h`.
enum DiagnosticField: Unicode.Scalar {
    case severity = "V"
    case sqlState = "C"
    case message = "M"
    case detail = "D"
    case hint = "H"
    case context = "W"
    case schema = "s"
    case table = "t"
    case column = "c"
    case constraint = "n"

    func value(in result: OpaquePointer?) -> String? {
        PQresultErrorField(result, Int32(rawValue.value)).map { String(cString: $0) }
    }
}

extension PostgresError {
    /// The error that `result` holds; with no SQLSTATE when libpq itself made it.
    init(result: OpaquePointer?, connection: OpaquePointer?) {
        guard let message = DiagnosticField.message.value(in: result) else {
            let kind: Kind = PQstatus(connection) == CONNECTION_BAD ? .connectionLost : .misuse
            self.init(kind, firstLine(PQresultErrorMessage(result)) ?? "the server's answer could not be read")
            return
        }
        self.init(.server, message, sqlState: DiagnosticField.sqlState.value(in: result))
        detail = DiagnosticField.detail.value(in: result)
        hint = DiagnosticField.hint.value(in: result)
        context = DiagnosticField.context.value(in: result)
        schema = DiagnosticField.schema.value(in: result)
        table = DiagnosticField.table.value(in: result)
        column = DiagnosticField.column.value(in: result)
        constraint = DiagnosticField.constraint.value(in: result)
    }

    static func cancelled() -> PostgresError { PostgresError(.cancelled, "the task was cancelled") }

    var isInterruption: Bool { kind == .cancelled || kind == .deadline }
}

/// The first line of a libpq message, which may have more, with tabs.
func firstLine(_ text: UnsafePointer<CChar>?) -> String? {
    guard let text else { return nil }
    let line = String(cString: text).prefix { $0 != "\n" }
    return line.isEmpty ? nil : String(line)
}

/// Keeps the last words of a server that ends the session while no statement runs: libpq hands them over as a notice.
/// All other notices go to nothing.
final class FarewellBox {
    var error: PostgresError?
}

// A free function: a C callback written as a closure in an isolated context would trap on a foreign thread.
func receiveNotice(_ context: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
    guard let context, let severity = DiagnosticField.severity.value(in: result) else { return }
    guard severity == "FATAL" || severity == "PANIC" else { return }
    let box = Unmanaged<FarewellBox>.fromOpaque(context).takeUnretainedValue()
    box.error = PostgresError(result: result, connection: nil)
}
