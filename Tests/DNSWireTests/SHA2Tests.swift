import DNSWire
import Testing

/// Held against values that Python's hashlib and hmac computed.
@Suite("SHA-2 and keyed hashes") struct SHA2Tests {
    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func `the examples of the standard`() {
        let text = Array("abc".utf8)
        #expect(
            Self.hexadecimal(SHA2.sha256.digest(of: text))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            Self.hexadecimal(SHA2.sha512.digest(of: text))
                == "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        )
    }

    /// The length, and how the digests by SHA-224, 256, 384 and 512 begin: lengths around the edges of blocks.
    static let digests: [(Int, [String])] = [
        (0, ["d14a028c2a3a2bc9", "e3b0c44298fc1c14", "38b060a751ac9638", "cf83e1357eefb8bd"]),
        (1, ["505ac657b400452e", "4bf5122f344554c5", "8d2ce87d86f55fcf", "7b54b66836c1fbdd"]),
        (3, ["956a7e9eeefc4f61", "6ab0dba1f4f1dfbb", "de5060203c58b419", "8853167ab14c0439"]),
        (55, ["a384704576e83bfd", "81afe5b788dc2ce1", "a1870e5e4818b0a3", "19910fbb344bf574"]),
        (56, ["02ed5959d7e3d422", "2aba54f0ac632420", "728f7264fde2c46b", "87fffcf68777e021"]),
        (63, ["3b3a38c72f537bc4", "733d3d4ee79ee671", "7e874bc2979240a2", "a2df1363c3caa5f2"]),
        (64, ["1db84e13ff9b2cbd", "79322907b3e9d013", "1c86511a3851b57a", "afba2b1a4441b233"]),
        (65, ["cb1db9bc6a0598dd", "d85c007c6eb440f0", "8a08300821547268", "2cbdc26833af6d9d"]),
        (111, ["946e08b8d67cedad", "b41ae5233b9ec35d", "2d39d5e0ed0fd40c", "df79e18538ec8212"]),
        (112, ["5bfcc45e0781fd80", "0949563bc78e5ccd", "babc028556f2216d", "d7377bc7047400da"]),
        (119, ["73767a2616a109bc", "6c87eedf096b345d", "6d1e1d4b4b09b453", "1efae71e30c3bdc6"]),
        (120, ["5b078190a166765f", "42500cf6a1e3936d", "1ceee1153e653990", "ad2a8e4e76a1d9ee"]),
        (127, ["22c4a1bb1868d622", "68f6ff710276900c", "d93a1b0c55394b85", "82b7fc0e1e5d1bb8"]),
        (128, ["197ac3bbec3cad7f", "489d55fea9a73af3", "8d22d1dc71336ac6", "eb5119a4c3e176a3"]),
        (129, ["bf2f92eb55b0e6bf", "4e1556b2e9a50a3c", "97c3840582af9f00", "06e68bf71185b1fd"]),
        (300, ["843da14b76251ee9", "d7dfb274f3718637", "90c4c78acff9ecbf", "686b9399e4547d58"]),
    ]

    @Test(arguments: digests) func `texts whose lengths lie around the edges of blocks`(
        _ count: Int, _ wanted: [String]
    ) {
        let text = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + count) }
        #expect(SHA2.allCases.map { String(Self.hexadecimal($0.digest(of: text)).prefix(16)) } == wanted)
        #expect(SHA2.allCases.map { $0.digest(of: text).count } == [28, 32, 48, 64])
    }

    /// The key's length, likewise.
    static let codes: [(Int, [String])] = [
        (0, ["38bdb121d16c224e", "76d9e7194e7dbc3a", "e954519bd102fce1", "1263ac6489324bdd"]),
        (20, ["c591ddcd0d1504d8", "d42b0b03641375c8", "cacaddd9ff9327f1", "20558222c7ca322f"]),
        (64, ["5261d95a51ca4e69", "ff136a109c9b30d7", "27ea7c8eec98005f", "ed370bc814cdfdcf"]),
        (65, ["b249f1bcbc18bf3a", "118330dab26e92a5", "0184fe6c73c25bf8", "9f78ff1fc9561227"]),
        (128, ["4bdd909da73e57ed", "f4329091c50dc2d0", "3922cc1359f7b846", "ad06921956508a59"]),
        (131, ["c7484e7cd29d03e3", "d04e7fe2d8c30b69", "4712087f8de208ef", "281dac627d9c69b1"]),
    ]

    @Test(arguments: codes) func `keys shorter and longer than a block`(_ count: Int, _ wanted: [String]) {
        let key = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 3 + 1) }
        let text = Array("what do ya want for nothing?".utf8)
        #expect(SHA2.allCases.map { String(Self.hexadecimal($0.authenticate(text, key: key)).prefix(16)) } == wanted)
    }

    @Test func `equality`() {
        #expect(SHA2.areEqual([1, 2], [1, 2]) && !SHA2.areEqual([1, 2], [1, 3]) && !SHA2.areEqual([1], [1, 2]))
    }
}
