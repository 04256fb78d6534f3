import Fleet
import OrderedCollections
import Values

/// A block of lines between two markers that is to be in a file, or not.
struct BlockInFileModule: TaskModule {
    /// Parameters of `blockinfile`.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification(
            "blockinfile",
            parameters: [
                .init("path", .path, aliases: ["dest", "destfile", "name"], required: true),
                .init("state", choices: ["absent", "present"]), .init("block", aliases: ["content"]),
                .init("marker"), .init("marker_begin"), .init("marker_end"), .init("insertafter"),
                .init("insertbefore"), .init("create", .bool), .init("backup", .bool), .init("validate"),
                .init("append_newline", .bool), .init("prepend_newline", .bool),
            ] + FileAttributes.parameters)
        specification.exclusive = [["insertbefore", "insertafter"]]
        return specification
    }()

    private let edit: FileEdit
    private let block: BlockEditing
    private let isAbsent: Bool
    private let mayBeMissing: Bool

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        isAbsent = try arguments.string("state") == "absent"
        let marker = try arguments.string("marker") ?? "# {mark} ANSIBLE MANAGED BLOCK"
        func line(_ word: String) -> [UInt8] { Array((marker.replacing("{mark}", with: word) + "\n").utf8) }
        var text = try isAbsent ? "" : arguments.string("block") ?? ""
        if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
        block = BlockEditing(
            begin: line(try arguments.string("marker_begin") ?? "BEGIN"),
            end: line(try arguments.string("marker_end") ?? "END"), body: Array(text.utf8),
            place: try BlockEditing.Place(arguments),
            setsApartBefore: try !isAbsent && arguments.bool("prepend_newline"),
            setsApartAfter: try !isAbsent && arguments.bool("append_newline"))
        var edit = try FileEdit(arguments, context, creates: arguments.bool("create"), telling: .init(hasDiff: true))
        edit.creationMessage = "File created"
        mayBeMissing = try isAbsent && arguments.bool("create")
        self.edit = edit
    }

    func probes(given snapshot: Snapshot) -> [Probe] { edit.probes(given: snapshot) }

    func step(_ snapshot: Snapshot) throws -> Step {
        try edit.step(snapshot, whenMissing: mayBeMissing ? .nothing("File %s not present") : .creation) { bytes in
            let result = try block.placed(in: bytes)
            let message = result == bytes ? "" : block.body.isEmpty ? "Block removed" : "Block inserted"
            return FileEdit.Outcome(bytes: result, message: message)
        }
    }
}

/// What `blockinfile` does to the lines of a file.
struct BlockEditing: Sendable {
    /// Where a block goes that is not there yet.
    enum Place: Sendable {
        case beginning
        case end
        case after(PythonPattern)
        case before(PythonPattern)

        /// Reads `insertafter` and `insertbefore`.
        init(_ arguments: ModuleArguments) throws(InputError) {
            do {
                if let after = try arguments.string("insertafter") {
                    self = after == "EOF" ? .end : .after(try PythonPattern(after, over: .bytes))
                } else if let before = try arguments.string("insertbefore") {
                    self = before == "BOF" ? .beginning : .before(try PythonPattern(before, over: .bytes))
                } else {
                    self = .end
                }
            } catch {
                throw error.located(at: arguments.location)
            }
        }
    }

    let begin: [UInt8]
    let end: [UInt8]
    /// The lines between the markers; empty removes the block.
    let body: [UInt8]
    let place: Place
    let setsApartBefore: Bool
    let setsApartAfter: Bool

    /// The content with the block in its place.
    func placed(in bytes: [UInt8]) throws -> [UInt8] {
        var lines = LineEditing.lines(bytes)
        var index = try removeOld(&lines) ?? newIndex(lines)
        if index > 0, lines[index - 1].last != 0x0A { lines[index - 1].append(0x0A) }
        if setsApartBefore, index != 0, lines[index - 1] != [0x0A] {
            lines.insert([0x0A], at: index)
            index += 1
        }
        let block = body.isEmpty ? [] : [begin] + LineEditing.lines(body) + [end]
        lines.insert(contentsOf: block, at: index)
        let next = index + block.count
        if setsApartAfter, next < lines.count, lines[next] != [0x0A] { lines.insert([0x0A], at: next) }
        return Array(lines.joined())
    }

    /// Takes the old block out; gives the place where it was.
    private func removeOld(_ lines: inout [[UInt8]]) -> Int? {
        guard let first = lines.lastIndex(of: begin), let last = lines.lastIndex(of: end) else { return nil }
        let range = min(first, last)...max(first, last)
        lines.removeSubrange(range)
        return range.lowerBound
    }

    private func newIndex(_ lines: [[UInt8]]) throws -> Int {
        switch place {
        case .beginning: 0
        case .end: lines.count
        case .after(let pattern):
            try lines.lastIndex { try pattern.firstMatch(in: $0) != nil }.map { $0 + 1 } ?? lines.count
        case .before(let pattern): try lines.lastIndex { try pattern.firstMatch(in: $0) != nil } ?? lines.count
        }
    }
}
