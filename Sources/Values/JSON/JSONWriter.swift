/// Writes JSON piece by piece as Python does, for answers too large, or of another kind, to be built as one ``Value`` first.
///
/// ``open(_:)`` begins a list or a mapping, ``item()`` or ``key(_:)`` goes before each of its elements, ``close(_:)`` ends it.
public struct JSONWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []
    /// How it is laid out.
    public let layout: JSONLayout
    private let itemSeparator: [UInt8]
    private let keySeparator: [UInt8]
    private let indent: [UInt8]?
    private var depth: Int
    /// For each open list or mapping whether nothing is in it yet.
    private var isEmpty: [Bool] = []

    /// A writer of nothing yet, at `depth` levels of indentation.
    public init(_ layout: JSONLayout = .line, depth: Int = 0) {
        self.layout = layout
        itemSeparator = Array(layout.itemSeparator.utf8)
        keySeparator = Array(layout.keySeparator.utf8)
        indent = layout.indent.map { Array($0.utf8) }
        self.depth = depth
    }

    /// What was written so far.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Makes room for so many more bytes.
    public mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

    // MARK: Structure

    /// A list or a mapping.
    public enum Container: Sendable {
        /// `[…]`
        case list
        /// `{…}`
        case map

        fileprivate var start: UInt8 { self == .list ? UInt8(ascii: "[") : UInt8(ascii: "{") }
        fileprivate var end: UInt8 { self == .list ? UInt8(ascii: "]") : UInt8(ascii: "}") }
    }

    /// Begins a list or a mapping.
    public mutating func open(_ container: Container) {
        bytes.append(container.start)
        isEmpty.append(true)
        depth += 1
    }

    /// Begins the next element of a list.
    public mutating func item() {
        if isEmpty[isEmpty.count - 1] {
            isEmpty[isEmpty.count - 1] = false
        } else {
            bytes += itemSeparator
        }
        newLine()
    }

    /// Begins the next element of a mapping.
    public mutating func key(_ name: String) {
        item()
        write(name)
        bytes += keySeparator
    }

    /// Ends what ``open(_:)`` began.
    public mutating func close(_ container: Container) {
        depth -= 1
        if isEmpty.popLast() == false { newLine() }
        bytes.append(container.end)
    }

    private mutating func newLine() {
        guard let indent else { return }
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth { bytes += indent }
    }

    // MARK: Scalars

    /// Writes `null`.
    public mutating func writeNull() { bytes += "null".utf8 }

    /// Writes a boolean.
    public mutating func write(_ flag: Bool) { bytes += Self.spelled(flag).utf8 }

    /// Writes a whole number.
    public mutating func write(_ number: Int) { bytes += String(number).utf8 }

    /// Writes a number, whole ones with a point.
    public mutating func write(_ number: Double) { bytes += Self.spelled(number).utf8 }

    /// Writes a text.
    public mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { JSONEscapes.append($0, to: &bytes, asASCII: layout.ensuresASCII) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes what is JSON already, laid out at the same depth.
    public mutating func write(raw json: [UInt8]) { bytes += json }

    /// A boolean as JSON has it, as the name of a key too.
    public static func spelled(_ flag: Bool) -> String { flag ? "true" : "false" }

    /// A number as JSON has it, as the name of a key too: Python's digits, and `NaN`, `Infinity`, `-Infinity`.
    public static func spelled(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return PythonFloat.text(number)
    }
}
