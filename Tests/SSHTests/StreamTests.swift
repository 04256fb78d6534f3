import Crypto
import Fleet
import Foundation
import SSH
import TestSupport
import Testing

extension SSHDTests {
    @Suite(.overBothTransports, .timeLimit(.minutes(3)))
    struct StreamTests {
        /// 50 MB that don't compress and hold every byte.
        private static let large: [UInt8] = {
            var random = Dice(50)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(50_000_000)
            while bytes.count < 50_000_000 { withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) } }
            return bytes
        }()

        private static func hash(_ bytes: [UInt8]) -> String {
            SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
        }

        @Test func fiftyMegabytesGoInUnchanged() async throws {
            try await Shared.run { transport in
                let result = try await transport.run(RemoteCommand(shell: "sha256sum", input: Self.large))
                #expect(result.text == "\(Self.hash(Self.large))  -\n")
            }
        }

        @Test func fiftyMegabytesGoInAndOutAtOnce() async throws {
            try await Shared.run { transport in
                let result = try await transport.run(RemoteCommand(shell: "cat", input: Self.large))
                #expect(result.output.count == Self.large.count)
                #expect(result.output == Self.large)
            }
        }

        @Test func largeOutputAndErrorsStayApart() async throws {
            try await Shared.run { transport in
                let script =
                    "head -c 20000000 /dev/zero | tr '\\0' o & head -c 20000000 /dev/zero | tr '\\0' e >&2; wait"
                let result = try await transport.run(RemoteCommand(shell: script))
                #expect(result.output.count == 20_000_000 && result.output.allSatisfy { $0 == UInt8(ascii: "o") })
                #expect(result.errors.count == 20_000_000 && result.errors.allSatisfy { $0 == UInt8(ascii: "e") })
            }
        }

        @Test func everyByteSurvivesBothWays() async throws {
            let bytes = (0..<3).flatMap { _ in (0...255).map { UInt8($0) } }
            try await Shared.run { transport in
                let result = try await transport.run(RemoteCommand(shell: "tee /dev/stderr", input: bytes))
                #expect(result.output == bytes)
                #expect(result.errors == bytes)
            }
        }

        @Test func tooMuchOutputEndsTheCommandAndNothingElse() async throws {
            try await Shared.run { transport in
                let error = await transportError {
                    _ = try await transport.run(RemoteCommand(shell: "yes"), outputLimit: .kibibytes(64))
                }
                #expect(error?.code == .outputTooLong)
                try await transport.expect("pgrep -x yes -s 0; echo on", says: "on\n")
            }
        }

        @Test func whatWritesLaterDoesNotGetIntoAnotherAnswer() async throws {
            try await Shared.run { transport in
                // The writer outlives its command and writes as fast as it can.
                _ = try await transport.run(RemoteCommand(shell: "echo begun; yes late & :"))
                for number in 0..<50 {
                    let result = try await transport.run(RemoteCommand(shell: "echo \(number)"))
                    #expect(result.text == "\(number)\n")
                }
            }
        }

        @Test func keysMayChangeInTheMiddle() async throws {
            try await ThrowawaySSHD.with(["RekeyLimit 1M"]) { server in
                try await withTransport(to: server.endpoint()) { transport in
                    let result = try await transport.run(RemoteCommand(shell: "cat", input: Self.large))
                    #expect(Self.hash(result.output) == Self.hash(Self.large))
                }
            }
        }
    }
}
