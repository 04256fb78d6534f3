import Foundation
import Synchronization
import Testing

/// What a test has seen of a controller's lines, and of hosts while it stood still.
final class Stands: Sendable {
    private let taken = Mutex<Set<String>>([])
    private let hasPaused = Atomic(false)
    private let hasTime = Atomic(false)

    /// Whether this is the first time that somebody asks.
    var isFirst: Bool { !hasPaused.exchange(true, ordering: .relaxed) }

    /// What was taken.
    var stand: Set<String> { taken.withLock(\.self) }

    func take(_ stand: Set<String>) { taken.withLock { $0 = stand } }

    /// The first line with a time has one that is wrong by so much: the clock of whoever wrote it is.
    func expect(_ seconds: Int, in line: String) {
        guard let match = line.firstMatch(of: /"at":"([^"]+)"/), !hasTime.exchange(true, ordering: .relaxed) else {
            return
        }
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let said = formatter.date(from: String(match.output.1)) ?? .distantPast
        #expect(abs(said.timeIntervalSinceNow - Double(seconds)) < 600, "\(line)")
    }
}
