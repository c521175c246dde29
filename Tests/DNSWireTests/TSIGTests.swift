import DNSWire
import Model
import TestSupport
import Testing

@Suite("Signatures of messages") struct TSIGTests {
    private static let message = DNSMessage(
        id: 77, flags: .init(opcode: .update), questions: [.init(DNSName("example.org")!, type: 6)])

    private static func key(
        _ algorithm: TSIGKey.Algorithm = .sha256, name: String = "k.example", secret: [UInt8] = [1, 2, 3]
    ) -> TSIGKey {
        TSIGKey(name: DNSName(name)!, algorithm: algorithm, secret: secret)
    }

    @Test(arguments: TSIGKey.Algorithm.allCases) func `prove a message and its answer`(_ algorithm: TSIGKey.Algorithm)
        throws
    {
        let tsig = TSIG(Self.key(algorithm))
        let signed = tsig.sign(Self.message, at: 1000)
        #expect(try tsig.verify(signed.bytes, after: nil, at: 1300) == Self.message)
        let answer = tsig.sign(Self.message, at: 1001, after: signed.signature)
        #expect(try tsig.verify(answer.bytes, after: signed.signature, at: 1001) == Self.message)
        #expect(throws: TSIG.Failure.isWrong) { try tsig.verify(answer.bytes, after: nil, at: 1001) }
        #expect(throws: TSIG.Failure.isWrong) { try tsig.verify(signed.bytes, after: [1], at: 1001) }
    }

    @Test func `whatever bit is changed, nothing is proved`() {
        let tsig = TSIG(Self.key())
        let signed = tsig.sign(Self.message, at: 1000)
        for at in signed.bytes.indices {
            for bit in 0..<8 {
                var bytes = signed.bytes
                bytes[at] ^= 1 << bit
                // The letters of names have no case, and the number of a message is the signature's own.
                guard let proved = try? tsig.verify(bytes, after: nil, at: 1000) else { continue }
                #expect(proved == Self.message, "byte \(at), bit \(bit)")
            }
        }
    }

    @Test func `what is not proved is told apart`() {
        let tsig = TSIG(Self.key())
        func failure(_ bytes: [UInt8], at seconds: UInt64 = 1000) -> TSIG.Failure? {
            do throws(TSIG.Failure) {
                try tsig.verify(bytes, after: nil, at: seconds)
                return nil
            } catch { return error }
        }
        #expect(failure(Self.message.bytes) == .isMissing)
        #expect(failure(TSIG(Self.key(secret: [9])).sign(Self.message, at: 1000).bytes) == .isWrong)
        #expect(failure(TSIG(Self.key(name: "other")).sign(Self.message, at: 1000).bytes) == .isOfAnotherKey)
        #expect(failure(TSIG(Self.key(.sha512)).sign(Self.message, at: 1000).bytes) == .isOfAnotherKey)
        let signed = tsig.sign(Self.message, at: 1000).bytes
        #expect(failure(signed, at: 1301) == .isOutOfTime(serverSeconds: 1000))
        #expect(failure(signed, at: 699) == .isOutOfTime(serverSeconds: 1000))
        guard case .isNoMessage = failure([1, 2, 3]) else {
            Issue.record("three bytes are no message")
            return
        }
    }

    // MARK: Keys

    @Test(arguments: [
        "key \"ddns.example.\" {\n\talgorithm hmac-sha512;\n\tsecret \"AQID\";\n};\n",
        "// made by hand\nkey ddns.example {\n  secret \"AQID\"; # the secret\n  algorithm HMAC-SHA512; };",
        "# made by hand\nkey \"DDNS.example\" { algorithm hmac-sha512.; secret AQID; };",
        "hmac-sha512:ddns.example.:AQID\n",
    ]) func `are read as BIND and nsupdate write them`(_ text: String) throws {
        #expect(try TSIGKey(text: text) == Self.key(.sha512, name: "ddns.example", secret: [1, 2, 3]))
    }

    @Test(arguments: [
        "", "geheim", "a:b", "hmac-md5:k:AQID", "hmac-sha256:k:?geheim", "hmac-sha256:k:", "hmac-sha256::AQID",
        "key k { algorithm hmac-sha256; };", "key k { algorithm hmac-sha256; secret \"geheim?\"; };",
        "zone k { algorithm hmac-sha256; secret \"AQID\"; };", "key a { } key b { }",
    ]) func `that are none are refused without being repeated`(_ text: String) {
        let error = #expect(throws: TSIGKey.Unreadable.self) { try TSIGKey(text: text) }
        #expect(error?.message.contains("geheim") == false)
    }

    @Test func `a key prints without its secret`() throws {
        let key = try TSIGKey(text: "hmac-sha256:k.example:Z2VoZWlt")
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped, "\([key])", "\(TSIG(key))"] {
            #expect(!text.contains("103") && !text.contains("Z2Vo") && !text.contains("geheim"), "\(text)")
        }
    }
}
