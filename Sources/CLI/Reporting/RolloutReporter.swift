import Fleet
import Foundation
import Rollouts
import Synchronization

/// Tells what happens in a rollout: lines for people on standard error, or one JSON object a line on standard output.
final class RolloutReporter: Sendable {
    private struct Watch {
        var begun: Timestamp?
        var intents: [RolloutAction: Timestamp] = [:]
        var lastSaid: Timestamp?
        var told = RolloutTold()

        mutating func end(_ action: RolloutAction, _ at: Timestamp) -> Duration? {
            intents.removeValue(forKey: action).map { at - $0 }
        }
    }

    private let terminal: Terminal
    private let format: OutputFormat
    private let watch = Mutex(Watch())

    init(_ terminal: Terminal, _ format: OutputFormat) {
        self.terminal = terminal
        self.format = format
    }

    /// Tells one event.
    func tell(_ run: RunID, _ entry: RolloutEntry) {
        // Plain values always encode.
        if format == .json, let line = try? EncodedJSON.line(Line(run: run, entry: entry)) {
            terminal.write(json: line)
        }
        let (elapsed, took, told) = note(entry)
        guard let text = RolloutWords.text(entry.event, took: took, after: told) else {
            if case .intent(let action) = entry.event { terminal.show(progress: RolloutWords.doing(action)) }
            return
        }
        let stamp = "[\(elapsed.inSeconds)]"
        for (index, line) in text.split(separator: "\n").enumerated() {
            let shown = index == 0 ? "\(stamp) \(line)" : String(repeating: " ", count: stamp.count + 3) + line
            Self.isTrouble(entry.event) ? terminal.tell(shown) : terminal.say(shown)
        }
    }

    /// Whether nobody may miss the event.
    private static func isTrouble(_ event: RolloutEvent) -> Bool {
        switch event {
        case .failed, .balancerLeftOut, .turnedBack, .halted, .overdue, .held: true
        case .judged(_, let report): report.verdict != .pass
        case .finished(let outcome): outcome != .succeeded
        default: false
        }
    }

    /// Says every now and then what is being waited for, so that nothing is silent for long.
    func keepTalking() async {
        while true {
            // Cancelled when the work is done.
            guard (try? await Task.sleep(for: .seconds(5))) != nil else { return }
            // Numbers and names always encode.
            if format == .json, let answer = UploadAnswer(terminal.uploads), let line = try? EncodedJSON.line(answer) {
                terminal.write(json: line)
            }
            let now = Controller.this.now()
            let waiting = watch.withLock { watch -> [(RolloutAction, Duration)] in
                guard let last = watch.lastSaid, now - last >= .seconds(5) else { return [] }
                watch.lastSaid = now
                return watch.intents.map { ($0.key, now - $0.value) }
            }
            for line in lines(waiting.sorted { $0.1 > $1.1 }) { terminal.say("    … \(line)") }
        }
    }

    /// What is being waited for, longest first: a line for all hosts that a release is on its way to, and the first few others.
    private func lines(_ waiting: [(action: RolloutAction, time: Duration)]) -> [String] {
        let bringing = waiting.filter { $0.action.verb == .deliver }
        let others = waiting.filter { bringing.count < 2 || $0.action.verb != .deliver }
        var lines: [String] = []
        if bringing.count > 1, let longest = bringing.first?.time {
            let sent = terminal.uploads.words().map { ", \($0)" } ?? ""
            lines.append("bringing the release to \(bringing.count) hosts\(sent) for \(longest.inSeconds)")
        }
        return lines
            + others.prefix(3).map { action, time in
                let sent = action.verb == .deliver ? terminal.uploads.words(for: action.host) : nil
                return "\(RolloutWords.doing(action))\(sent.map { ", \($0)" } ?? "") for \(time.inSeconds)"
            }
    }

    private func note(_ entry: RolloutEntry) -> (elapsed: Duration, took: Duration?, told: RolloutTold) {
        watch.withLock { watch in
            let begun = watch.begun ?? entry.at
            watch.begun = begun
            watch.lastSaid = entry.at
            watch.told.note(entry)
            var took: Duration?
            switch entry.event {
            case .intent(let action): watch.intents[action] = entry.at
            case .done(let action, _), .failed(let action, _): took = watch.end(action, entry.at)
            case .sighted(let host, _): took = watch.end(.observe(host), entry.at)
            case .counted: took = watch.end(.count, entry.at)
            case .judged(let batch, _): took = watch.end(.judge(batch: batch), entry.at)
            default: break
            }
            return (entry.at - begun, took, watch.told)
        }
    }
}

extension RolloutReporter {
    /// An event as programs read it: the journal's fields, and run, place and time.
    struct Line: SchemaDocument {
        static let schema = RolloutSchema.schema

        let run: RunID
        let entry: RolloutEntry

        private enum Key: String, CodingKey { case run, sequence, at }

        func encode(to encoder: any Encoder) throws {
            try entry.event.encode(to: encoder)
            var fields = encoder.container(keyedBy: Key.self)
            try fields.encode(run, forKey: .run)
            try fields.encode(entry.sequence, forKey: .sequence)
            try fields.encode(entry.at.precise, forKey: .at)
        }
    }
}
