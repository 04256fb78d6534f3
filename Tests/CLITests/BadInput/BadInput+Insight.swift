import Foundation

extension BadInput {
    /// Commands about what hosts do: nobody is asked before the line is right.
    static let insight = [
        insight("an interval of nothing", ["sar", "ap1", "0"] + hosts, says: "interval"),
        insight("a count of nothing", ["sar", "ap1", "1", "0"] + hosts, says: "count"),
        insight("a network report that is none", ["sar", "ap1", "-n", "foo"] + hosts, says: "-n takes", "'FOO'"),
        insight(
            "an hour that no day has", ["sar", "ap1", "--from", "25:00"] + hosts, says: "--from '25:00' is no moment"),
        insight(
            "an end before the beginning", ["sar", "ap1", "--from", "1m", "--to", "5m"] + hosts, says: "not before --to"
        ),
        insight(
            "a beginning that is yet to come", ["sar", "ap1", "--from", "9998-01-01", "--to", "9999-01-01"] + hosts,
            says: "yet to come"),
        insight("a host that nobody knows", ["sar", "pa1", "1"] + hosts, says: "pa1"),
        insight("names of figures", ["sar", "ap1", "1", "--format", "name"] + hosts, says: "table, wide or json"),
        insight("a stage that nobody knows", ["diagnose", "stagin"], says: "stagin"),
        insight("too short a look", ["diagnose", "staging", "--for", "1s"], says: "5s to 10m"),
        insight("a look now and then", ["diagnose", "staging", "--for", "10s", "--from", "10m"], says: "--for"),
        insight("a look without an end", ["top", "staging", "--interval", "0"], says: "--interval"),
        insight("an order that is none", ["top", "staging", "--sort", "size"], says: "size"),
        insight("hosts that are never down", ["capacity", "staging", "--availability", "100"], says: "--availability"),
        insight("objects without a number", ["advise", "storage", "--count", "many", "--average", "1k"], says: "many"),
        insight(
            "a mean above the most", ["advise", "storage", "--count", "1", "--average", "2k", "--maximum", "1k"],
            says: "--maximum"),
        insight(
            "an agent that is not there", ["agent", "install", "ap1", "--binary", "nowhere"] + hosts, says: "nowhere"),
        insight(
            "an agent that is no program", ["agent", "install", "ap1", "--binary", "site.yml"] + hosts, says: "site.yml"
        ),
    ]

    private static let hosts = ["-i", "hosts.yml"]

    private static func insight(_ name: String, _ arguments: [String], says: String...) -> Self {
        Self(name: name, arguments: arguments, says: says)
    }
}
