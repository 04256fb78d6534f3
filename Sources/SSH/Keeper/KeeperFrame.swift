import Foundation

/// What a command and a keeper say to each other at once: words as JSON, and bytes as they are.
///
/// On the wire: the length of the words and that of the bytes, four bytes each, the highest first; then both.
struct KeeperFrame: Equatable {
    let words: [UInt8]
    var bytes: [UInt8] = []

    static let lengthOfHead = 8
    static let longestWords = 1 << 20
    static let mostBytes = 1 << 30

    /// `words` as they go over the wire.
    init(_ words: some Encodable, _ bytes: [UInt8] = []) throws {
        (self.words, self.bytes) = (Array(try JSONEncoder().encode(words)), bytes)
    }

    init(words: [UInt8], bytes: [UInt8]) { (self.words, self.bytes) = (words, bytes) }

    /// The words; `nil` when they are none of these.
    func decoded<Words: Decodable>(_ type: Words.Type) -> Words? {
        // Whoever says something else is not talked to any more.
        try? JSONDecoder().decode(type, from: Data(words))
    }

    /// What stands before the bytes on the wire.
    var head: [UInt8] { Self.number(words.count) + Self.number(bytes.count) + words }

    /// Whether it may be sent.
    var fits: Bool { words.count <= Self.longestWords && bytes.count <= Self.mostBytes }

    private static func number(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

/// Cuts what comes over a socket into frames, however it is cut itself.
struct FrameReader {
    /// What came is no frame.
    struct Damaged: Error {}

    private var held: [UInt8] = []
    private var start = 0

    /// Takes what came. No more room is taken than bytes have come, whatever length they announce.
    mutating func feed(_ bytes: UnsafeRawBufferPointer) { held.append(contentsOf: bytes) }

    /// The next frame that has come as a whole.
    /// - Throws: ``Damaged`` when there will never be one.
    mutating func next() throws(Damaged) -> KeeperFrame? {
        guard held.count - start >= KeeperFrame.lengthOfHead else { return nil }
        let (words, bytes) = (number(at: start), number(at: start + 4))
        guard words <= KeeperFrame.longestWords, bytes <= KeeperFrame.mostBytes else { throw Damaged() }
        let middle = start + KeeperFrame.lengthOfHead + words
        guard held.count >= middle + bytes else { return nil }
        let frame = KeeperFrame(
            words: Array(held[(start + KeeperFrame.lengthOfHead)..<middle]),
            bytes: Array(held[middle..<(middle + bytes)]))
        start = middle + bytes
        forget()
        return frame
    }

    private mutating func forget() {
        guard start == held.count || start > 1 << 20 else { return }
        held.removeFirst(start)
        start = 0
    }

    private func number(at index: Int) -> Int { held[index..<(index + 4)].reduce(0) { $0 << 8 | Int($1) } }
}
