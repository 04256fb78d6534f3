import Fleet
import Synchronization

/// What commands have written on the hosts in hand, as far as it is kept.
final class OutputStore: Sendable {
    private struct Tails {
        var output: OutputTail
        var errors: OutputTail
    }

    private let tails = Mutex<[HostName: Tails]>([:])
    private let limit: ByteCount

    /// Keeps at most `limit` of each stream of a host.
    init(_ limit: ByteCount) { self.limit = limit }

    func take(_ piece: [UInt8], _ stream: CommandStream, from host: HostName) {
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
    func answer(_ host: HostName, _ result: Result<Int32, TransportError>?, elapsed: Duration?) -> CommandAnswer {
        var answer = CommandAnswer(host: host, result: result, elapsed: elapsed)
        guard let own = tails.withLock({ $0.removeValue(forKey: host) }) else { return answer }
        (answer.output, answer.errors) = (own.output, own.errors)
        answer.output.finish()
        answer.errors.finish()
        return answer
    }
}

/// One JSON object for every host, as it ends.
struct JSONRunReport: RunReporting {
    let terminal: Terminal
    let store: OutputStore

    func take(_ piece: [UInt8], _ stream: CommandStream, from host: HostName) { store.take(piece, stream, from: host) }

    func end(_ host: HostName, _ result: Result<Int32, TransportError>?, elapsed: Duration?) {
        let answer = store.answer(host, result, elapsed: elapsed)
        do {
            terminal.write(json: try EncodedJSON.line(CommandAnswer.Record(answer)))
        } catch {
            terminal.tell(error: "the answer cannot be written as JSON: \(error)", about: host.description)
        }
    }

    func finish() {}
}
