import Fleet
import Foundation
import TestSupport
import Testing
import Values

@testable import TaskModules

/// What hosts answer to probes, cut short, reordered, damaged and exaggerated: it is read, or refused as an answer.
///
/// Longer on demand: `DROVER_FUZZ_ROUNDS=20000 swift test --filter DamagedAnswerTests`.
struct DamagedAnswerTests {
    private static let rounds = ProcessInfo.processInfo.environment["DROVER_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 400

    /// Every kind of probe that there is; the compiler asks for new ones.
    private static let probes: [Probe] =
        [
            .path("/etc"), .path("/etc/passwd"), .path("/dev/null"), .path("/nowhere"), .target("/etc/mtab"),
            .sha1("/etc/passwd"),
            .sha256("/etc/group"), .content("/etc/hostname"), .package("dash"), .package("nosuch"), .candidate("dash"),
            .user("root"),
            .user("nobody"), .group("root"), .unit("cron.service"), .access("/etc"), .tree("/etc/default"),
            .shadow("root"),
            .providers("awk"), .session, .clock, .query("df -k; uptime; ls -l /"),
        ] + FactSubset.allCases.map { .facts($0) }

    private static func isThere(_ probe: Probe) -> Bool {
        switch probe {
        case .path, .target, .sha1, .sha256, .content, .package, .candidate, .user, .group, .unit, .facts, .access,
            .tree, .shadow,
            .providers, .session, .clock, .query:
            probes.contains(probe)
        }
    }

    private static let words: [[UInt8]] =
        [
            "", "/", "=", ":", "::::::::::", "0", "-1", "-9223372036854775808", "9223372036854775807",
            "99999999999999999999",
            "1e308", "nan", "inf", "-inf", "0x7fffffffffffffffffff", "4294967295", "65536", "177777777777", "@@ files",
            "@@ network", "\u{1}",
            "a -> b", "é", "%s", "\\", "'", "\"", "(", "[", "{\"a\": [", "\t", "\n", "\n\n",
        ].map { Array($0.utf8) } + [[0], [0, 0], [0xFF, 0xFE], [0xC3], [UInt8](repeating: 0x20, count: 300)]

    private func damaged(_ answer: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var bytes = answer
        for _ in 0..<Int.random(in: 1...4, using: &dice) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &dice)
            switch dice.next() % 7 {
            case 0: bytes.removeSubrange(place...)
            case 1: bytes[place] = UInt8(truncatingIfNeeded: dice.next())
            case 2: bytes.insert(contentsOf: dice.pick(Self.words), at: place)
            case 3:
                // A word of the answer becomes an extreme one.
                let isEnd = { (byte: UInt8) in byte <= 0x20 || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "/") }
                let start = bytes[..<place].lastIndex(where: isEnd).map { $0 + 1 } ?? 0
                let end = bytes[place...].firstIndex(where: isEnd) ?? bytes.count
                bytes.replaceSubrange(min(start, end)..<end, with: dice.pick(Self.words))
            case 4: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &dice)))
            case 5:
                let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).shuffled(using: &dice)
                bytes = Array(lines.joined(separator: [0x0A]))
            default: bytes += bytes.prefix(place)
            }
        }
        return bytes
    }

    @Test func everyProbeIsAmongThem() { #expect(Self.probes.allSatisfy(Self.isThere)) }

    @Test(arguments: probes)
    func damagedAnswersAreReadOrRefused(_ probe: Probe) async throws {
        let script = ProbeScript([probe])
        let said = try await LocalShellTransport(host: HostName("here")).run(RemoteCommand(shell: script.shellLine))
            .output
        #expect(try script.answers(in: said)[probe] != nil)
        var dice = Dice(UInt64(said.count))
        var refused = 0
        for round in 0..<Self.rounds {
            let answer = round < 40 ? Array(said.prefix(said.count * round / 40)) : damaged(said, &dice)
            CrashWitness.watch("\(probe): \(Data(answer.prefix(2000)).base64EncodedString())") {
                do throws(ProbeError) {
                    _ = try script.answers(in: answer)
                } catch {
                    refused += 1
                }
            }
        }
        // An answer that is cut short never passes for a whole one.
        #expect(refused >= 40)
    }
}
