/// A look at the threads and connections of a host, for some seconds.
public struct HostLook: Sendable, Hashable {
    /// The threads that used most processor time, busiest first.
    public var threads: [ThreadActivity] = []
    /// Sockets that listen.
    public var listeners: [ListenQueue] = []
    /// What the host asks of others.
    public var calls: [CallObservation] = []
    /// Its own addresses.
    public var addresses: [String] = []

    /// Reads what ``script(seconds:)`` printed; `nil` where it is not all there.
    public init?(answer: String) {
        var isWhole = false
        for line in answer.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ", maxSplits: 6).map(String.init)
            switch words.first {
            case "A": addresses += words.dropFirst()
            case "T": threads += Self.thread(words).map { [$0] } ?? []
            case "L": listeners += Self.listener(words).map { [$0] } ?? []
            case "C": calls += Self.call(words).map { [$0] } ?? []
            case "end": isWhole = true
            default: break
            }
        }
        guard isWhole else { return nil }
    }

    private static func thread(_ words: [String]) -> ThreadActivity? {
        guard words.count >= 5, let process = Int(words[1]), let thread = Int(words[2]), let busy = number(words[3])
        else { return nil }
        return ThreadActivity(
            name: words[4...].joined(separator: " "), process: process, thread: thread, busy: busy)
    }

    private static func listener(_ words: [String]) -> ListenQueue? {
        guard words.count == 5, let port = Int(words[1]), let waiting = Int(words[2]) else { return nil }
        return ListenQueue(port: port, waiting: waiting, limit: Int(words[3]), working: number(words[4]))
    }

    private static func call(_ words: [String]) -> CallObservation? {
        guard words.count == 7, let port = Int(words[2]), let connections = number(words[3]),
            let waiting = number(words[4])
        else { return nil }
        return CallObservation(
            address: words[1], port: port, connections: connections, waiting: waiting, waited: number(words[5]),
            roundTrip: number(words[6]))
    }

    private static func number(_ word: String) -> Double? {
        Double(word).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
    }
}
