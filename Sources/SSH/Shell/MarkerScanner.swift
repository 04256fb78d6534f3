import CLibSSH2

/// Finds marker lines in a stream of any bytes, however the stream is cut.
struct MarkerScanner {
    enum Piece {
        /// What lies between markers.
        case data(UnsafeRawBufferPointer)
        /// What follows the token on a marker's line.
        case marker([Substring])
    }

    private let token: [UInt8]
    /// The end of what came, when it may be the beginning of a marker.
    private var held: [UInt8] = []
    /// No marker's line is longer; a token followed by more is data.
    private static let longestLine = 128

    init(token: String) { self.token = Array(token.utf8) }

    /// Passes the pieces of `bytes` to `sink`, in order.
    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ sink: (Piece) -> Void) {
        guard !bytes.isEmpty else { return }
        if held.isEmpty {
            held = scan(bytes, sink)
        } else {
            var joined = held
            joined.append(contentsOf: bytes)
            held = joined.withUnsafeBytes { scan($0, sink) }
        }
    }

    /// Passes on what is held back, when the stream has ended.
    mutating func finish(_ sink: (Piece) -> Void) {
        held.withUnsafeBytes { if !$0.isEmpty { sink(.data($0)) } }
        held = []
    }

    private func scan(_ bytes: UnsafeRawBufferPointer, _ sink: (Piece) -> Void) -> [UInt8] {
        var rest = bytes[...]
        while true {
            guard let start = firstToken(in: rest) else { break }
            let line = rest[(start + token.count)...]
            let end = line.prefix(Self.longestLine).firstIndex(of: UInt8(ascii: "\n"))
            emit(rest[..<start], sink)
            guard let end else {
                if line.count < Self.longestLine { return Array(rest[start...]) }
                emit(rest[start..<line.startIndex], sink)
                rest = line
                continue
            }
            let text = String(decoding: UnsafeRawBufferPointer(rebasing: line[..<end]), as: UTF8.self)
            sink(.marker(text.split(separator: " ")))
            rest = line[(end + 1)...]
        }
        let tail = rest.suffix(lengthOfTokenPrefix(endingIn: rest))
        emit(rest[..<tail.startIndex], sink)
        return Array(tail)
    }

    private func emit(_ slice: Slice<UnsafeRawBufferPointer>, _ sink: (Piece) -> Void) {
        if !slice.isEmpty { sink(.data(UnsafeRawBufferPointer(rebasing: slice))) }
    }

    private func firstToken(in slice: Slice<UnsafeRawBufferPointer>) -> Int? {
        let bytes = UnsafeRawBufferPointer(rebasing: slice)
        guard let base = bytes.baseAddress, let hit = memmem(base, bytes.count, token, token.count) else { return nil }
        return slice.startIndex + (UnsafeRawPointer(hit) - base)
    }

    /// How many of the last bytes could be the beginning of a token.
    private func lengthOfTokenPrefix(endingIn slice: Slice<UnsafeRawBufferPointer>) -> Int {
        for length in stride(from: min(token.count - 1, slice.count), to: 0, by: -1)
        where slice.suffix(length).elementsEqual(token.prefix(length)) {
            return length
        }
        return 0
    }
}
