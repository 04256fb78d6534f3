import AdHoc
import Fleet

extension Terminal {
    /// Tells what failed, hosts with the same trouble together.
    func show(failures: [(host: HostName, error: TransportError)]) {
        for folded in FoldedFailure.fold(failures) {
            tell(error: folded.message, about: NodeSet.text(folded.hosts), hints: folded.hints)
        }
    }

    /// Warns of hosts whose work was not begun.
    func show(leftOut hosts: [HostName]) {
        if !hosts.isEmpty { warn("left out: \(NodeSet.text(hosts))") }
    }

    /// Writes what came of a host as one line of JSON.
    func write(line record: some SchemaDocument, about host: HostName) {
        do {
            write(json: try EncodedJSON.line(record))
        } catch {
            tell(error: "the answer cannot be written as JSON: \(error)", about: host.description)
        }
    }
}

extension FanOutStanding {
    /// What Ctrl-C does now.
    var stopping: String {
        let hand = inHand.isEmpty ? "no host is in hand" : "stopping after the hosts in hand (\(NodeSet.text(inHand)))"
        let rest = left.isEmpty ? "none is left" : "left out: \(NodeSet.text(left))"
        return "\(hand); \(rest); press Ctrl-C again to stop now"
    }
}
