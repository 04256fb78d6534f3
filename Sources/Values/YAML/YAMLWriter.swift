import CYaml

/// How YAML is laid out: the parameters of PyYAML's `dump`.
public struct YAMLLayout: Sendable {
    /// Which lists and mappings are written in one line.
    public enum Flow: Sendable {
        /// Only empty ones.
        case never
        /// Those that hold nothing but scalars.
        case leaves
        /// All.
        case always
    }

    /// Which lists and mappings are written in one line.
    public var flow = Flow.leaves
    /// Blanks for each level, 2 to 9; others count as 2.
    public var indent = 2
    /// Characters that a line should not pass.
    public var width = 80
    /// Whether keys are written in order instead of as they stand.
    public var sortsKeys = true
    /// Whether `---` stands before the document.
    public var startsExplicitly = false
    /// Whether `...` stands after the document.
    public var endsExplicitly = false
    /// Whether characters beyond ASCII are written as they are.
    public var allowsUnicode = true
    /// Whether everything is spelled out, as the specification's canonical form.
    public var isCanonical = false
    /// The style of every scalar: `'`, `"`, `|` or `>`; the plainest that will do when `nil`.
    public var style: Character?

    /// PyYAML's layout as Ansible asks for it.
    public init() {}

    /// Whether a list or a mapping is written in one line, of whose parts it is known whether each is a scalar.
    public func isFlow(_ scalars: [Bool]) -> Bool {
        switch flow {
        case .always: true
        case .never: scalars.isEmpty
        // To PyYAML a scalar whose style is given is none of the plain ones that may stand in one line.
        case .leaves: scalars.isEmpty || (style == nil && !scalars.contains(false))
        }
    }
}

/// Writes YAML piece by piece with libyaml, as PyYAML does.
///
/// ``open(_:inFlow:)`` begins a list or a mapping, ``close(_:)`` ends it; in a mapping keys and values come in turn.
public final class YAMLWriter {
    /// What libyaml refuses to write.
    public struct WriteError: Error, Sendable {
        /// libyaml's words.
        public let reason: String
    }

    /// A list or a mapping.
    public enum Container: Sendable {
        /// A list.
        case list
        /// A mapping.
        case map
    }

    /// What was written so far.
    private final class Output { var bytes: [UInt8] = [] }

    private let emitter: UnsafeMutablePointer<yaml_emitter_t>
    private let output = Output()
    private let style: yaml_scalar_style_t
    private let layout: YAMLLayout

    /// A writer of one document.
    /// - Throws: ``WriteError`` when libyaml can't begin.
    public init(_ layout: YAMLLayout = YAMLLayout()) throws(WriteError) {
        self.layout = layout
        style = Self.style(layout.style)
        emitter = .allocate(capacity: 1)
        emitter.initialize(to: yaml_emitter_t())
        yaml_emitter_initialize(emitter)
        let write: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UInt8>?, Int) -> Int32 = {
            guard let output = $0, let bytes = $1 else { return 0 }
            Unmanaged<Output>.fromOpaque(output).takeUnretainedValue().bytes += UnsafeBufferPointer(
                start: bytes, count: $2)
            return 1
        }
        yaml_emitter_set_output(emitter, write, Unmanaged.passUnretained(output).toOpaque())
        yaml_emitter_set_encoding(emitter, YAML_UTF8_ENCODING)
        yaml_emitter_set_indent(emitter, Int32(clamping: layout.indent))
        yaml_emitter_set_width(emitter, Int32(clamping: layout.width))
        yaml_emitter_set_unicode(emitter, layout.allowsUnicode ? 1 : 0)
        yaml_emitter_set_canonical(emitter, layout.isCanonical ? 1 : 0)
        try emit { yaml_stream_start_event_initialize(&$0, YAML_UTF8_ENCODING) }
        try emit { yaml_document_start_event_initialize(&$0, nil, nil, nil, layout.startsExplicitly ? 0 : 1) }
    }

    deinit {
        yaml_emitter_delete(emitter)
        emitter.deallocate()
    }

    private static func style(_ mark: Character?) -> yaml_scalar_style_t {
        switch mark {
        case "'": YAML_SINGLE_QUOTED_SCALAR_STYLE
        case "\"": YAML_DOUBLE_QUOTED_SCALAR_STYLE
        case "|": YAML_LITERAL_SCALAR_STYLE
        case ">": YAML_FOLDED_SCALAR_STYLE
        default: YAML_ANY_SCALAR_STYLE
        }
    }

    private func emit(_ fill: (inout yaml_event_t) -> Int32) throws(WriteError) {
        var event = yaml_event_t()
        guard fill(&event) == 1, yaml_emitter_emit(emitter, &event) == 1 else {
            throw WriteError(reason: emitter.pointee.problem.map { String(cString: $0) } ?? "out of memory")
        }
    }

    /// Bytes written so far; what libyaml still holds back comes to less than 64 KiB.
    public var count: Int { output.bytes.count }

    /// Ends the document.
    /// - Returns: all that was written.
    /// - Throws: ``WriteError`` when a list or a mapping is still open.
    public func finish() throws(WriteError) -> String {
        try emit { yaml_document_end_event_initialize(&$0, layout.endsExplicitly ? 0 : 1) }
        try emit { yaml_stream_end_event_initialize(&$0) }
        return String(decoding: output.bytes, as: UTF8.self)
    }

    // MARK: Structure

    private static let tags = "tag:yaml.org,2002:"
    private static let listTag = tags + "seq"
    private static let mapTag = tags + "map"

    /// Begins a list or a mapping.
    /// - Throws: ``WriteError`` when libyaml refuses it.
    public func open(_ container: Container, inFlow isFlow: Bool) throws(WriteError) {
        try emit {
            switch container {
            case .list:
                yaml_sequence_start_event_initialize(
                    &$0, nil, Self.listTag, 1, isFlow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE)
            case .map:
                yaml_mapping_start_event_initialize(
                    &$0, nil, Self.mapTag, 1, isFlow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE)
            }
        }
    }

    /// Ends what ``open(_:inFlow:)`` began.
    /// - Throws: ``WriteError`` when libyaml refuses it.
    public func close(_ container: Container) throws(WriteError) {
        try emit {
            container == .list ? yaml_sequence_end_event_initialize(&$0) : yaml_mapping_end_event_initialize(&$0)
        }
    }

    // MARK: Scalars

    /// Writes `null`.
    /// - Throws: ``WriteError`` when libyaml refuses it.
    public func writeNull() throws(WriteError) { try write("null", tag: "null") }

    /// Writes a boolean.
    /// - Throws: ``WriteError`` when libyaml refuses it.
    public func write(_ flag: Bool) throws(WriteError) { try write(flag ? "true" : "false", tag: "bool") }

    /// Writes a whole number.
    /// - Throws: ``WriteError`` when libyaml refuses it.
    public func write(_ number: Int) throws(WriteError) { try write(String(number), tag: "int") }

    /// Writes a number, whole ones with a point.
    /// - Throws: ``WriteError`` when libyaml refuses it.
    public func write(_ number: Double) throws(WriteError) { try write(YAMLScalar.spelled(number), tag: "float") }

    /// Writes a date as YAML spells it.
    /// - Throws: ``WriteError`` when libyaml refuses it.
    public func write(timestamp: String) throws(WriteError) { try write(timestamp, tag: "timestamp") }

    /// Writes a text.
    /// - Throws: ``WriteError`` when libyaml refuses it.
    public func write(_ text: String) throws(WriteError) {
        try write(text, tag: "str", plain: !YAMLScalar.looksTyped(text), quoted: true)
    }

    private func write(_ text: String, tag: String, plain: Bool = true, quoted: Bool = false) throws(WriteError) {
        guard let length = Int32(exactly: text.utf8.count) else { throw WriteError(reason: "the text is too long") }
        try emit {
            yaml_scalar_event_initialize(
                &$0, nil, Self.tags + tag, text, length, plain ? 1 : 0, quoted ? 1 : 0, style)
        }
    }
}
