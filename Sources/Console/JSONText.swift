import Foundation

/// Results as JSON for programs.
public enum JSONText {
    /// One document. What is unknown is `null` and not left out, so that a reader finds every key.
    ///
    /// - Parameter onOneLine: for documents that follow each other.
    public static func render(_ value: some Encodable, onOneLine: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if !onOneLine { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(NullKeeping(value)), as: UTF8.self)
    }
}

/// Encodes a value as it encodes itself, but for optionals that are nil: the compiler leaves their keys out, and here they
/// are null.
private struct NullKeeping<Value: Encodable>: Encodable {
    let value: Value

    init(_ value: Value) { self.value = value }

    func encode(to encoder: any Encoder) throws { try value.encode(to: NullKeepingEncoder(base: encoder)) }
}

private struct NullKeepingEncoder: Encoder {
    let base: any Encoder

    var codingPath: [any CodingKey] { base.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { base.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(NullKeepingObject(base: base.container(keyedBy: type)))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { NullKeepingArray(base: base.unkeyedContainer()) }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        NullKeepingValue(base: base.singleValueContainer())
    }
}

private struct NullKeepingObject<Key: CodingKey>: KeyedEncodingContainerProtocol {
    var base: KeyedEncodingContainer<Key>

    var codingPath: [any CodingKey] { base.codingPath }

    mutating func encodeNil(forKey key: Key) throws { try base.encodeNil(forKey: key) }
    mutating func encode(_ value: some Encodable, forKey key: Key) throws {
        try base.encode(NullKeeping(value), forKey: key)
    }

    // The ones that make the difference: by default a nil is left out.
    mutating func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try keep(value, key) }
    mutating func encodeIfPresent(_ value: (some Encodable)?, forKey key: Key) throws { try keep(value, key) }

    private mutating func keep(_ value: (some Encodable)?, _ key: Key) throws {
        if let value { try base.encode(NullKeeping(value), forKey: key) } else { try base.encodeNil(forKey: key) }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        KeyedEncodingContainer(NullKeepingObject<Nested>(base: base.nestedContainer(keyedBy: type, forKey: key)))
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        NullKeepingArray(base: base.nestedUnkeyedContainer(forKey: key))
    }

    mutating func superEncoder() -> any Encoder { NullKeepingEncoder(base: base.superEncoder()) }
    mutating func superEncoder(forKey key: Key) -> any Encoder {
        NullKeepingEncoder(base: base.superEncoder(forKey: key))
    }
}

private struct NullKeepingArray: UnkeyedEncodingContainer {
    var base: any UnkeyedEncodingContainer

    var codingPath: [any CodingKey] { base.codingPath }
    var count: Int { base.count }

    mutating func encodeNil() throws { try base.encodeNil() }
    mutating func encode(_ value: some Encodable) throws { try base.encode(NullKeeping(value)) }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        KeyedEncodingContainer(NullKeepingObject<Nested>(base: base.nestedContainer(keyedBy: type)))
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        NullKeepingArray(base: base.nestedUnkeyedContainer())
    }

    mutating func superEncoder() -> any Encoder { NullKeepingEncoder(base: base.superEncoder()) }
}

private struct NullKeepingValue: SingleValueEncodingContainer {
    var base: any SingleValueEncodingContainer

    var codingPath: [any CodingKey] { base.codingPath }

    mutating func encodeNil() throws { try base.encodeNil() }
    mutating func encode(_ value: Bool) throws { try base.encode(value) }
    mutating func encode(_ value: String) throws { try base.encode(value) }
    mutating func encode(_ value: Double) throws { try base.encode(value) }
    mutating func encode(_ value: Float) throws { try base.encode(value) }
    mutating func encode(_ value: Int) throws { try base.encode(value) }
    mutating func encode(_ value: Int8) throws { try base.encode(value) }
    mutating func encode(_ value: Int16) throws { try base.encode(value) }
    mutating func encode(_ value: Int32) throws { try base.encode(value) }
    mutating func encode(_ value: Int64) throws { try base.encode(value) }
    mutating func encode(_ value: UInt) throws { try base.encode(value) }
    mutating func encode(_ value: UInt8) throws { try base.encode(value) }
    mutating func encode(_ value: UInt16) throws { try base.encode(value) }
    mutating func encode(_ value: UInt32) throws { try base.encode(value) }
    mutating func encode(_ value: UInt64) throws { try base.encode(value) }
    mutating func encode(_ value: some Encodable) throws { try base.encode(NullKeeping(value)) }
}
