import Fleet
import Rollouts

/// How `apply` shows what it left undone.
extension FleetReporter {
    /// Which hosts are as they should be, which are not, who gets no traffic, and what is left to be done.
    func tell(_ remainder: ApplyRemainder) {
        let groups = [
            ("done", remainder.done), ("half-done", remainder.halfDone), ("untouched", remainder.untouched),
            ("do not answer", remainder.silent), ("out of rotation", remainder.out),
        ]
        terminal.tell("pool and build, as they are left:")
        for (word, hosts) in groups where !hosts.isEmpty { terminal.tell("    \(word): \(NodeSet.text(hosts))") }
        for change in remainder.owed {
            terminal.tell("    owed: \(change.host?.description ?? "pool \(site.pool.name)"): \(change.words)")
        }
        let hint = "go on from there: drover apply \(site.stage.name)"
        terminal.tell(hint: hint)
        var line = line("remainder")
        (line.remainder, line.hints) = (FleetAnswer.Remainder(remainder), [hint])
        write(line)
    }
}

extension FleetAnswer {
    /// How far an apply came.
    struct Remainder: Encodable {
        /// Something that is left to be done.
        struct Owed: Encodable {
            let host: HostName?
            let change: Change
        }

        let done, halfDone, untouched, silent, out: [HostName]
        let owed: [Owed]

        init(_ remainder: ApplyRemainder) {
            (done, halfDone, untouched) = (remainder.done, remainder.halfDone, remainder.untouched)
            (silent, out) = (remainder.silent, remainder.out)
            owed = remainder.owed.map { Owed(host: $0.host, change: Change($0)) }
        }

        static let fields: [Shape.Field] = [
            .always("done", .list(.text), "hosts that nothing is left to be done for"),
            .always("halfDone", .list(.text), "hosts for which something was done, and not all"),
            .always("untouched", .list(.text), "hosts for which nothing was done yet"),
            .always("silent", .list(.text), "hosts that do not answer"),
            .always("out", .list(.text), "members that some balancer does not send traffic"),
            .always(
                "owed",
                .list(
                    .object([
                        .maybe("host", .text, "the host that it is about"),
                        .always("change", .object(Change.fields), "the change, as data"),
                    ])), "what is left to be done"),
        ]
    }
}
