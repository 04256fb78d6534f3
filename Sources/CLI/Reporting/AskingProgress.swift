import Fleet
import Rollouts
import Synchronization

/// Shows who has not answered yet, where a person watches.
final class AskingProgress: Sendable {
    private let terminal: Terminal
    private let open = Mutex<[String]>([])

    init(_ terminal: Terminal) { self.terminal = terminal }

    /// A question is put, or over.
    func note(_ question: StageReading.Question, _ isOver: Bool) {
        let name =
            switch question {
            case .host(let host): host.description
            case .balancersAgain: "the balancers again"
            }
        let open = open.withLock { open in
            if !isOver {
                open.append(name)
            } else if let place = open.firstIndex(of: name) {
                open.remove(at: place)
            }
            return open
        }
        guard !open.isEmpty else { return }
        let names = open.prefix(6).joined(separator: ", ") + (open.count > 6 ? ", …" : "")
        terminal.show(progress: "asking \(names) (\(open.count) to go)")
    }
}
