public import Fleet
import Synchronization

/// What commands have written on the hosts in hand, as far as it is kept. Used from any thread.
public final class OutputStore: Sendable {
    private struct Tails {
        var output: OutputTail
        var errors: OutputTail
    }

    private let tails = Mutex<[HostName: Tails]>([:])
    private let limit: ByteCount

    /// Keeps at most `limit` of each stream of a host.
    public init(_ limit: ByteCount) { self.limit = limit }

    /// Keeps a piece that was written on a host.
    public func take(_ piece: [UInt8], _ stream: CommandStream, from host: HostName) {
        tails.withLock { tails in
            var own = tails.removeValue(forKey: host) ?? Tails(output: OutputTail(limit), errors: OutputTail(limit))
            switch stream {
            case .output: own.output.append(piece)
            case .errors: own.errors.append(piece)
            }
            tails[host] = own
        }
    }

    /// A host's answer with what it wrote, which is then forgotten here.
    public func answer(_ end: CommandEnd) -> CommandAnswer {
        var answer = CommandAnswer(end: end)
        guard let own = tails.withLock({ $0.removeValue(forKey: end.host) }) else { return answer }
        (answer.output, answer.errors) = (own.output, own.errors)
        answer.output.finish()
        answer.errors.finish()
        return answer
    }
}
