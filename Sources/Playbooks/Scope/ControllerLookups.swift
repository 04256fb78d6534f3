import Fleet
import Foundation
import Inventories
import OrderedCollections
import Templating
public import Values

/// What templates may reach on this machine: files of the playbook, the environment, the clock.
struct ControllerLookups: Sendable {
    let files: ControllerFiles
    let folders: [String]

    var environment: TemplateEnvironment {
        TemplateEnvironment(
            load: { name in try load(name) }, lookups: lookups,
            readYAML: { text in
                try YAMLReader.parse(text, file: "text", repeatedKeys: .laterWins).map { [Self.plain($0.value)] } ?? []
            },
            now: { Date().timeIntervalSince1970 }, zone: ZoneOffset.ofMachine,
            random: { bound in Int.random(in: 0..<max(1, bound)) },
            pathKind: Self.kind)
    }

    private var lookups: [String: TemplateEnvironment.Lookup] {
        [
            "file": { call in try call.terms.map { try file($0, call.options) } },
            "env": { call in
                call.terms.map { term in
                    let value = ProcessInfo.processInfo.environment[PlainText.of(term)]
                    return value.map { .string($0) } ?? call.options["default"] ?? .string("")
                }
            },
            "fileglob": { call in
                try items(.fileglob, .list(call.terms), call.location)
            },
            "first_found": { call in
                var terms = call.terms
                if !call.options.isEmpty {
                    var fields = OrderedDictionary<Value, Value>()
                    for (name, value) in call.options { fields[.string(name)] = value }
                    if fields[.string("files")] == nil { fields[.string("files")] = .list(terms) }
                    terms = [.map(fields)]
                }
                let found = try items(.firstFound, .list(terms), call.location)
                return found == [.list([])] ? [] : found
            },
        ]
    }

    private func items(_ kind: TaskLoop.Kind, _ value: Value, _ location: SourceLocation?) throws -> [Value] {
        let loop = TaskLoop(kind: kind, value: value, location: location ?? SourceLocation(file: ""))
        return try LoopItems(nil, folders).items(of: loop, value: value).compactMap { $0 }
    }

    private func load(_ name: String) throws -> TemplateEnvironment.Source? {
        guard let path = FileSearch.find(name, kind: "templates", in: folders) else { return nil }
        return .init(text: String(decoding: try files.bytes(of: path), as: UTF8.self), file: path)
    }

    private func file(_ term: Value, _ options: OrderedDictionary<String, Value>) throws -> Value {
        let path = try FileSearch.require(PlainText.of(term), kind: "files", in: folders, at: nil)
        var text = String(decoding: try files.bytes(of: path), as: UTF8.self)
        if options["lstrip"]?.boolean(in: .argument) == true { text = String(text.drop(while: \.isWhitespace)) }
        if options["rstrip"]?.boolean(in: .argument) != false {
            while text.last?.isWhitespace == true { text.removeLast() }
        }
        return .string(text)
    }

    /// A value as data: nothing in it is a template.
    private static func plain(_ value: Value) -> Value {
        switch value {
        case .template(let template): .string(template.text)
        case .list(let items): .list(items.map(plain))
        case .map(let fields):
            .map(OrderedDictionary(fields.map { (plain($0.key), plain($0.value)) }) { _, later in later })
        default: value
        }
    }

    private static func kind(_ path: String, _ followsLinks: Bool) -> TemplateEnvironment.PathKind? {
        var status = stat()
        guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }
}

extension ZoneOffset {
    /// What this machine's zone has at `seconds` since 1970.
    public static func ofMachine(at seconds: Double) -> ZoneOffset {
        guard var time = time_t(exactly: seconds.rounded(.down)) else { return .utc }
        var parts = tm()
        guard localtime_r(&time, &parts) != nil else { return .utc }
        return ZoneOffset(seconds: parts.tm_gmtoff, name: parts.tm_zone.map { String(cString: $0) } ?? "")
    }
}
