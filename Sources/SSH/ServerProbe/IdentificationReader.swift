/// Takes what a server says apart. Does nothing itself.
struct IdentificationReader {
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

    /// What the server said instead of identifying itself.
    var prelude: String { banner == nil ? String(decoding: rest.suffix(1024), as: UTF8.self) : "" }
}
