import Fleet
import Foundation
import TestSupport
import Testing

@testable import SSH

/// What a host or a file may say, bent at random: every answer is a value, and the rules below hold.
///
/// Longer on demand: `DROVER_FUZZ_ROUNDS=60000 swift test --filter ReaderFuzzTests`.
struct ReaderFuzzTests {
    private static let rounds = ProcessInfo.processInfo.environment["DROVER_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 300

    @Test func framesOfAnyKindAreRead() {
        var dice = Dice(11)
        let pieces = ["TOKEN 0 12 12\n", "TOKEN 1\n", "TOKEN 1 0\n", "TOKEN 2\n", "TOK", "EN ", "-1", "\n", "\0", "x"]
        for _ in 0..<Self.rounds {
            let text = (0..<40).map { _ in pieces.randomElement(using: &dice) ?? "" }.joined()
            var reader = AnswerReader(token: "TOKEN")
            reader.limit = Int.random(in: 0...20, using: &dice)
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let cut = rest.prefix(Int.random(in: 1...9, using: &dice))
                rest = rest.dropFirst(cut.count)
                _ = Array(cut).withUnsafeBytes { reader.feed($0) }
                #expect(reader.kept.count <= reader.limit)
            }
            reader.finish()
            #expect(reader.kept.count <= reader.limit)
        }
    }

    @Test func greetingsOfAnyKindAreRead() {
        var dice = Dice(13)
        let list = { (names: String) in wireString(Array(names.utf8)) }
        let lists = ["curve25519-sha256", "ssh-ed25519", "aes128-ctr", "aes128-ctr", "hmac-sha2-256", "hmac-sha2-256"]
        let payload: [UInt8] = [20] + [UInt8](repeating: 7, count: 16) + lists.flatMap(list)
        let packet = wireString([4] + payload + [0, 0, 0, 0])
        let whole = Array("Hello\r\nSSH-2.0-x\r\n".utf8) + packet
        var offers = 0
        for round in 0..<Self.rounds {
            var bytes = whole
            for _ in 0..<(round == 0 ? 0 : Int.random(in: 0...4, using: &dice)) {
                bytes[Int.random(in: 0..<bytes.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
            }
            var reader = IdentificationReader()
            var rest = bytes[...]
            reading: while !rest.isEmpty {
                let cut = rest.prefix(Int.random(in: 1...90, using: &dice))
                rest = rest.dropFirst(cut.count)
                switch reader.read(Array(cut)) {
                case .needsMore: continue
                case .senseless: break reading
                case .offer:
                    offers += 1
                    break reading
                }
            }
        }
        #expect(offers > 0)
    }

    private static let lines = [
        "10.0.0.1,[10.0.0.2]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIQ1ZVBrjXMFz0Jm3xX1vKk0m9jQnJ8g9mQ6qzYx2b3c c\n",
        "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-ed25519 AAAA\n",
        "@revoked * ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAA=\n",
        "@cert-authority *.example.org,!x ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAA\n", "# comment\n\n",
    ]

    @Test func knownHostsOfAnyKindAreRead() throws {
        var dice = Dice(12)
        let odd = Array("|*?!@,[]:#= \n\t\0é".utf8)
        let endpoint = Endpoint(host: try HostName("h"), address: "10.0.0.2", port: 2222)
        for _ in 0..<Self.rounds {
            var bytes = Array(Self.lines.shuffled(using: &dice).joined().utf8)
            for _ in 0..<6 {
                let index = Int.random(in: 0..<bytes.count, using: &dice)
                if Bool.random(using: &dice) {
                    bytes.remove(at: index)
                } else {
                    bytes[index] = odd.randomElement(using: &dice) ?? 0
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let known = KnownHosts(texts: [(file: "fuzz", text: text)]).matches(for: endpoint)
            #expect(known.algorithms.count <= 5)
        }
    }
}
