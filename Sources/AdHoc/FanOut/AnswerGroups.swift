public import Fleet

/// The answers of many hosts, those that said the same together. A value: it is told of each answer as it comes.
public struct AnswerGroups: Sendable {
    /// Hosts that wrote the same and ended with the same status.
    public struct Group: Sendable {
        /// The exit status.
        public let status: Int32
        /// What each wrote to standard output.
        public let output: OutputTail
        /// What each wrote to standard error.
        public let errors: OutputTail
        /// The hosts, in order.
        public let hosts: [HostName]
    }

    private struct Said: Hashable {
        var status: Int32
        var output: OutputTail
        var errors: OutputTail
    }

    private let places: [HostName: Int]
    private let mostBytes: Int
    private let leastBytes: Int
    private var said: [Said: [HostName]] = [:]
    private var broken: [CommandAnswer] = []
    private var missed: [HostName] = []
    private var kept = 0
    /// How many hosts have answered or were left out.
    public private(set) var count = 0

    /// No answers yet.
    ///
    /// - Parameters:
    ///   - hosts: The order of the hosts.
    ///   - most: Once different answers take more than this in all, only the last `least` of each stream of further ones is
    ///     kept.
    ///   - least: What is kept of a stream then.
    public init(_ hosts: [HostName], most: ByteCount = .mebibytes(256), least: ByteCount = ByteCount(65536)) {
        places = Dictionary(zip(hosts, hosts.indices)) { first, _ in first }
        (mostBytes, leastBytes) = (most.bytes, least.bytes)
    }

    /// Takes a host's answer.
    public mutating func add(_ answer: CommandAnswer) {
        count += 1
        var answer = answer
        if kept > mostBytes {
            answer.output.cut(to: leastBytes)
            answer.errors.cut(to: leastBytes)
        }
        switch answer.end.result {
        case .success(let status):
            let said = Said(status: status, output: answer.output, errors: answer.errors)
            if self.said[said] == nil { kept += answer.output.bytes.count + answer.errors.bytes.count }
            self.said[said, default: []].append(answer.host)
        case .failure: broken.append(answer)
        case nil: missed.append(answer.host)
        }
    }

    /// Hosts on which the command came to its end, grouped by what they said, in the order of their first hosts.
    public var groups: [Group] {
        said.map { Group(status: $0.status, output: $0.output, errors: $0.errors, hosts: ordered($1)) }
            .sorted { place($0.hosts[0]) < place($1.hosts[0]) }
    }

    /// Answers of hosts on which the command did not come to its end, in the hosts' order.
    public var unfinished: [CommandAnswer] { broken.sorted { place($0.host) < place($1.host) } }

    /// The hosts that were left out, in order.
    public var leftOut: [HostName] { ordered(missed) }

    private func ordered(_ hosts: [HostName]) -> [HostName] { hosts.sorted { place($0) < place($1) } }

    private func place(_ host: HostName) -> Int { places[host] ?? 0 }
}
