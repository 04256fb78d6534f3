/// A place in a file, counted from 1.
public struct SourceLocation: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Path as the user gave it.
    public var file: String
    /// Line, from 1; 0 means the whole file.
    public var line: Int
    /// Column, from 1; 0 when only the line is known.
    public var column: Int

    /// A place in `file`.
    public init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `file:line:column`, as compilers print it, leaving out what is not known.
    public var description: String {
        switch (line, column) {
        case (0, _): file
        case (_, 0): "\(file):\(line)"
        default: "\(file):\(line):\(column)"
        }
    }
}
