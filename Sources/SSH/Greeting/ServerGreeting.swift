public import Fleet

/// What an SSH server says to everybody, before any key is agreed on or anybody has logged in.
public struct ServerGreeting: Sendable {
    /// The address that answered, with its port.
    public let address: String
    /// The server's first line, such as `SSH-2.0-OpenSSH_9.2p1`.
    public let banner: String
    /// The algorithms that it offers.
    public let offer: AlgorithmOffer

    /// How far a server was asked when it failed.
    public enum Stage: Sendable, CaseIterable {
        /// Its name was looked up.
        case name
        /// Its port was connected to.
        case port
        /// Its first line was waited for.
        case banner
        /// Its algorithms were waited for.
        case algorithms
    }

    /// Why there is no greeting.
    public struct Fault: Error {
        /// How far it went.
        public let stage: Stage
        /// What went wrong.
        public let error: TransportError
    }
}

/// Takes what a server says apart. Does nothing itself.
struct GreetingReader {
    /// What is known so far.
    enum Progress {
        case needsMore
        case offer(AlgorithmOffer)
        /// No SSH server would say that.
        case senseless
    }

    /// The server's first line, once it is there.
    private(set) var banner: String?
    private var rest: [UInt8] = []
    private var lengthOfPrelude = 0
    private static let longestPrelude = 16384
    private static let longestPacket = 65536

    mutating func read(_ bytes: [UInt8]) -> Progress {
        rest += bytes
        if banner == nil {
            lengthOfPrelude += bytes.count
            readBanner()
        }
        guard banner != nil else { return lengthOfPrelude < Self.longestPrelude ? .needsMore : .senseless }
        var reader = WireReader(rest)
        guard let length = reader.number(), let padding = reader.byte() else { return .needsMore }
        guard (2...Self.longestPacket).contains(length), padding < length else { return .senseless }
        guard rest.count >= 4 + length else { return .needsMore }
        let offer = AlgorithmOffer(payload: Array(rest[5..<(4 + length - Int(padding))]))
        return offer.map(Progress.offer) ?? .senseless
    }

    /// The first line that begins with `SSH-`; a server may say other things before.
    private mutating func readBanner() {
        while banner == nil, let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            guard line.hasPrefix("SSH-") || end < rest.count - 1 else { return }
            rest.removeSubrange(...end)
            if line.hasPrefix("SSH-") { banner = line.last == "\r" ? String(line.dropLast()) : line }
        }
    }

    /// What the server said instead of greeting.
    var prelude: String { banner == nil ? String(decoding: rest.suffix(1024), as: UTF8.self) : "" }
}
