import CYaml
import Fleet

/// One event of a YAML text, and where it begins.
struct YAMLEvent {
    enum Kind {
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(YAMLPlainScalar)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    var kind: Kind
    /// The tag as written, with its handle unfolded; empty for none.
    var tag = ""
    var anchor: String?
    var location: SourceLocation
}

/// A scalar as it stands in the text.
struct YAMLPlainScalar {
    var text: String
    /// Whether it stands there without quotes.
    var isPlain: Bool
}

/// libyaml's events of a text: what PyYAML sees too, repeated keys and all.
final class YAMLEvents {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let text: String
    private let file: String

    /// The events of `text`; `file` is what places are in.
    init(_ text: String, file: String) {
        self.text = text
        self.file = file
        // libyaml keeps a pointer to what it reads, so neither may move.
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        bytes = .allocate(capacity: max(1, text.utf8.count))
        _ = bytes.initialize(from: text.utf8)
        yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, text.utf8.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        bytes.deallocate()
    }

    /// The next event.
    /// - Throws: ``InputError`` where the text is no YAML.
    func next() throws(InputError) -> YAMLEvent {
        var event = yaml_event_t()
        repeat {
            guard yaml_parser_parse(parser, &event) == 1 else { throw fault() }
        } while event.type == YAML_STREAM_START_EVENT
        defer { yaml_event_delete(&event) }
        return converted(event)
    }

    private func converted(_ event: yaml_event_t) -> YAMLEvent {
        let location = place(event.start_mark)
        let data = event.data
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, location: location)
        case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, location: location)
        case YAML_ALIAS_EVENT:
            return YAMLEvent(kind: .alias(Self.text(data.alias.anchor) ?? ""), location: location)
        case YAML_SCALAR_EVENT:
            let scalar = data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let kind = YAMLEvent.Kind.scalar(
                YAMLPlainScalar(text: text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE))
            return started(kind, scalar.tag, scalar.anchor, location)
        case YAML_SEQUENCE_START_EVENT:
            return started(.sequenceStart, data.sequence_start.tag, data.sequence_start.anchor, location)
        case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .sequenceEnd, location: location)
        case YAML_MAPPING_START_EVENT:
            return started(.mappingStart, data.mapping_start.tag, data.mapping_start.anchor, location)
        case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mappingEnd, location: location)
        default: return YAMLEvent(kind: .streamEnd, location: location)
        }
    }

    private func started(
        _ kind: YAMLEvent.Kind, _ tag: UnsafePointer<UInt8>?, _ anchor: UnsafePointer<UInt8>?,
        _ location: SourceLocation
    ) -> YAMLEvent {
        YAMLEvent(kind: kind, tag: Self.text(tag) ?? "", anchor: Self.text(anchor), location: location)
    }

    private static func text(_ bytes: UnsafePointer<UInt8>?) -> String? { bytes.map { String(cString: $0) } }

    private func place(_ mark: yaml_mark_t) -> SourceLocation {
        SourceLocation(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    private func fault() -> InputError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it can't be read"
        switch parser.pointee.error {
        case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
            return YAMLError.explain(problem, at: place(parser.pointee.problem_mark), text: text)
        default: return YAMLError.unreadable(problem, file: file)
        }
    }
}
