import Fleet
import Foundation

/// The head of an answer, as far as it has come.
struct HTTPHead {
    private let text: String

    init(_ bytes: [UInt8]) { text = String(decoding: bytes, as: UTF8.self) }

    /// The status, and where a redirect leads; `nil` until enough has come. What precedes the answer proper (1xx) is
    /// passed over.
    func answer(isWhole: Bool) -> WebAnswer? {
        var heads = text.replacing("\r\n", with: "\n")[...]
        while !heads.isEmpty {
            let end = heads.range(of: "\n\n")
            guard end != nil || isWhole else { return plainFailure(heads) }
            let lines = heads[..<(end?.lowerBound ?? heads.endIndex)].split(separator: "\n")
            guard let status = lines.first.flatMap(Self.status) else { return .failure("the answer is not HTTP") }
            if !(100..<200).contains(status) {
                return .status(status, location: (300..<400).contains(status) ? Self.location(lines) : nil)
            }
            heads = end.map { heads[$0.upperBound...] } ?? ""
        }
        return nil
    }

    /// What can be no answer needs not be waited for.
    private func plainFailure(_ head: Substring) -> WebAnswer? {
        head.prefix(5) == "HTTP/".prefix(head.count) ? nil : .failure("the answer is not HTTP")
    }

    private static func status(_ line: Substring) -> Int? {
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/"), words[1].count == 3, let status = Int(words[1]),
            (100...999).contains(status)
        else { return nil }
        return status
    }

    private static func location(_ lines: [Substring]) -> String? {
        for line in lines.dropFirst() where line.lowercased().hasPrefix("location:") {
            let value = line.dropFirst("location:".count).drop { $0 == " " }
            return value.isEmpty
                ? nil : String(value.prefix(100).filter { $0.isASCII && !$0.isNewline && $0 != "\u{1B}" })
        }
        return nil
    }
}
