import Fleet
import Foundation
import Synchronization

/// What is waited for: the last line of a terminal, cleared before anything lasting is written; elsewhere a line now and
/// then while nothing else is.
final class TransientLine: Sendable {
    private struct Line {
        var isShown = false
        var text: String?
        /// When something lasting was written.
        var begun = ContinuousClock.now
        /// When anything was.
        var written = ContinuousClock.now
        var pace = BeatPace()
    }

    private let line = Mutex(Line())
    /// What is being uploaded meanwhile.
    let uploads = UploadTally()

    private var sent: String { uploads.words().map { ", \($0)" } ?? "" }

    /// For how long nothing was written.
    var silence: Duration { line.withLock { ContinuousClock.now - $0.written } }

    func draw(_ text: String, isWatched: Bool) {
        line.withLock { line in
            line.text = text
            if isWatched { Self.put(text, &line, sent) }
        }
    }

    func clear() {
        line.withLock { line in
            if line.isShown { Terminal.put("\r\u{1B}[K", on: STDERR_FILENO) }
            line = Line()
        }
    }

    /// Shows for how long the text has been waited for.
    /// - Returns: What is to be written where nobody watches, when it is time to.
    func beat(isWatched: Bool) -> String? {
        line.withLock { line in
            guard let text = line.text else { return nil }
            let time = ContinuousClock.now - line.begun
            guard !isWatched else {
                if time >= .seconds(2) { Self.put(text, &line, sent, since: time) }
                return nil
            }
            guard line.pace.isDue(after: ContinuousClock.now - line.written) else { return nil }
            line.written = .now
            return "    … \(text)\(sent) for \(time.inSeconds)"
        }
    }

    /// - Parameter sent: What follows the text, and is shown whole.
    private static func put(_ text: String, _ line: inout Line, _ sent: String, since time: Duration? = nil) {
        let end = sent + (time.map { " for \($0.components.seconds)s" } ?? "")
        Terminal.put("\r\u{1B}[K" + text.prefix(max(0, width() - 1 - end.count)) + end, on: STDERR_FILENO)
        line.isShown = true
    }

    private static func width() -> Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
        return Int(size.ws_col)
    }
}

/// How often a line is written where nobody watches: soon at first, so that nobody wonders, and then seldom, for logs that
/// somebody has to read.
struct BeatPace: Sendable, Equatable {
    private var patience = Duration.seconds(5)
    private static let longest = Duration.seconds(30)

    /// Whether a line is due after `silence`; the next one is due later.
    mutating func isDue(after silence: Duration) -> Bool {
        guard silence >= patience else { return false }
        patience = min(patience * 2, Self.longest)
        return true
    }
}
