import Fleet

/// The same trouble of one or more hosts, told once.
struct FoldedFailure: Equatable {
    private(set) var hosts: [HostName]
    private(set) var message: String
    private(set) var hints: [String]
    private let error: TransportError

    private init(_ host: HostName, _ error: TransportError) {
        (hosts, message, hints, self.error) = ([host], error.message, error.hints, error)
    }

    /// Hosts with the same trouble together, in the order in which it was met.
    ///
    /// Unknown host keys are one trouble however many there are: `drover trust` shows each fingerprint.
    static func fold(_ failures: [(host: HostName, error: TransportError)]) -> [FoldedFailure] {
        let strangers = failures.filter { own($0.host, $0.error) != nil }
        let foldsKeys = strangers.count > fewest
        var folded: [FoldedFailure] = []
        for (host, error) in failures {
            let isStranger = foldsKeys && own(host, error) != nil
            let same = folded.firstIndex { other in
                isStranger ? other.isStranger : other.isAlike(error)
            }
            if let same { folded[same].hosts.append(host) } else { folded.append(FoldedFailure(host, error)) }
        }
        return foldsKeys ? folded.map(\.named) : folded
    }

    /// So many unknown keys are told one by one.
    private static let fewest = 3

    /// Whether it is the same trouble. The unknown key of a jump host is, though each hint names a host behind it.
    private func isAlike(_ other: TransportError) -> Bool {
        error.message == other.message && (error.hints == other.hints || error.code == .hostKeyUnknown)
    }

    /// The hint that says how to trust the host's own key, where that is what is wrong.
    private static func own(_ host: HostName, _ error: TransportError) -> String? {
        guard error.code == .hostKeyUnknown, error.message.hasPrefix("host key of ") else { return nil }
        return error.hints.first { $0.contains(command(host)) }
    }

    private static func command(_ pattern: String) -> String { ": drover trust \(pattern)" }
    private static func command(_ host: HostName) -> String { command(host.description) }

    private var isStranger: Bool {
        hosts.first.flatMap { Self.own($0, error) } != nil
    }

    /// The same in words for all its hosts.
    private var named: FoldedFailure {
        guard isStranger, hosts.count > 1, let first = hosts.first, let hint = Self.own(first, error) else {
            return self
        }
        let pattern = hosts.count > 5 ? "all" : hosts.map(\.description).joined(separator: ":")
        let flags =
            hint.split(separator: Self.command(first), maxSplits: 1, omittingEmptySubsequences: false).last ?? ""
        var all = self
        all.message = "the host keys of \(hosts.count.of("host")) are not known"
        all.hints = ["check their fingerprints and trust them" + Self.command(RemoteCommand.quote(pattern)) + flags]
        return all
    }
}
