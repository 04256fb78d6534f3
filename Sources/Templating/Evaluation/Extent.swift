/// How large values may become: a template's author, or a host's answer, can ask for more than any machine holds.
enum Extent {
    /// Bytes of a text.
    static let mostText = 64 << 20
    /// Items of a list.
    static let mostItems = 10_000_000

    /// - Throws: `.type` when `times` texts of `bytes` bytes are more than a text may have.
    static func check(text bytes: Int, times count: Int = 1) throws {
        guard product(bytes, count) <= mostText else {
            throw TemplateError.type("the text would be longer than \(mostText >> 20) MiB")
        }
    }

    /// - Throws: `.type` when `times` lists of `count` items are more than a list may have.
    static func check(items: Int, times count: Int = 1) throws {
        guard product(items, count) <= mostItems else {
            throw TemplateError.type("the list would have more than \(mostItems) items")
        }
    }

    /// The parts with `separator` between them.
    /// - Throws: `.type` when that is more than a text may have.
    static func joined(_ parts: [String], separator: String = "") throws -> String {
        let length = parts.reduce(0) { min($0, mostText) + min($1.utf8.count, mostText) }
        try check(text: separator.utf8.count, times: max(0, parts.count - 1))
        try check(text: length + separator.utf8.count * max(0, parts.count - 1))
        return parts.joined(separator: separator)
    }

    /// Neither is below zero; the most there is when the product is more.
    private static func product(_ left: Int, _ right: Int) -> Int {
        let (product, isTooLarge) = max(0, left).multipliedReportingOverflow(by: max(0, right))
        return isTooLarge ? .max : product
    }

    /// Numbers that Python would hold, and Drover doesn't.
    static let tooLarge = TemplateError.type("whole number is too large")

    /// A number without its fraction.
    /// - Throws: `.type` when that is no whole number of 64 bits.
    static func whole(_ number: Double) throws -> Int {
        guard let whole = Int(exactly: number.rounded(.towardZero)) else {
            throw number.isNaN ? TemplateError.type("cannot convert float NaN to integer") : tooLarge
        }
        return whole
    }
}
