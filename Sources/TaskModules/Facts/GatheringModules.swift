import Fleet
import Foundation
import OrderedCollections
import Values

/// Gathers facts.
struct SetupModule: TaskModule {
    /// Parameters of `setup`. Subsets other than Drover's own are always gathered whole.
    static let specification = ModuleSpecification(
        "setup",
        parameters: [
            .init("filter", .list), .init("gather_subset", .list), .init("gather_timeout", .int),
            .init("fact_path", .path),
        ])

    static let otherNames = ["gather_facts", "ansible.builtin.gather_facts", "ansible.legacy.gather_facts"]

    private let filters: [String]
    private let subsets: [FactSubset]

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        filters = try arguments.strings("filter") ?? []
        let wanted = try arguments.strings("gather_subset") ?? ["all"]
        subsets = Self.subsets(wanted, filters)
        if let path = try arguments.string("fact_path"), path != "/etc/ansible/facts.d" {
            throw arguments.wrong("fact_path", "can only be /etc/ansible/facts.d, not '\(path)'")
        }
    }

    /// Those that can give what is wanted; `!network` and the like leave some out.
    private static func subsets(_ wanted: [String], _ filters: [String]) -> [FactSubset] {
        let named = FactSubset.allCases.filter { subset in
            guard !filters.isEmpty else { return true }
            return subset.names.contains { name in filters.contains { matches(name, $0) } } || filters.contains("*")
        }
        let isWhole = wanted.contains("all") || wanted.allSatisfy { $0.hasPrefix("!") }
        return named.filter { subset in
            switch subset {
            case .network, .hardware:
                !wanted.contains("!all") && !wanted.contains("!\(subset.rawValue)")
                    && (isWhole || wanted.contains(subset.rawValue)) || wanted.contains(subset.rawValue)
            default: !wanted.contains("!min") || wanted.contains("all")
            }
        }
    }

    private static func matches(_ name: String, _ filter: String) -> Bool {
        let pattern = FileNamePattern(filter)
        return pattern.matches("ansible_" + name) || pattern.matches(name)
    }

    func probes(given snapshot: Snapshot) -> [Probe] { subsets.map(Probe.facts) }

    func step(_ snapshot: Snapshot) -> Step {
        var facts: Variables = [:]
        for subset in subsets {
            guard case .facts(let found)? = snapshot[.facts(subset)] else { continue }
            for (name, value) in found where filters.isEmpty || filters.contains(where: { Self.matches(name, $0) }) {
                facts["ansible_" + name] = value
            }
        }
        return .converged(TaskResult(fields: ["ansible_facts": facts.asMap], facts: facts))
    }
}

/// Reads a file of the host.
struct SlurpModule: TaskModule {
    /// Parameters of `slurp`.
    static let specification = ModuleSpecification(
        "slurp", parameters: [.init("src", .path, aliases: ["path"], required: true)])

    private let path: HostPath

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        path = HostPath(try arguments.requiredPath("src"))
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        path.resolved(snapshot).map { [.content($0), .target($0)] } ?? path.probes()
    }

    func step(_ snapshot: Snapshot) -> Step {
        let path = path.resolved(snapshot) ?? path.written
        guard let bytes = snapshot.content(path) else {
            let message: String
            switch snapshot.target(path)?.kind {
            case nil: message = "File not found: \(path)"
            case .directory: message = "Source is a directory and must be a file: \(path)"
            default: message = "File is not readable: \(path)"
            }
            return .failed(TaskResult(failed: true, message: message))
        }
        return .converged(
            TaskResult(fields: [
                "content": .string(Data(bytes).base64EncodedString()), "source": .string(path),
                "encoding": .string("base64"),
            ]))
    }
}

/// Reads entries of a system database.
struct GetentModule: TaskModule {
    /// Parameters of `getent`.
    static let specification = ModuleSpecification(
        "getent",
        parameters: [
            .init("database", required: true), .init("key"), .init("service"), .init("split"), .init("fail_key", .bool),
        ])

    private let database: String
    private let key: String?
    private let split: String?
    private let failsWithoutKey: Bool
    private let line: String

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        database = try arguments.required("database")
        key = try arguments.string("key")
        let colons = ["passwd", "shadow", "group", "gshadow"]
        split = try arguments.string("split") ?? (colons.contains(database) ? ":" : nil)
        failsWithoutKey = try arguments.bool("fail_key", default: true)
        let service = try arguments.string("service").map { ["-s", $0] } ?? []
        line = shellWords(["getent"] + service + [database] + (key.map { [$0] } ?? []))
    }

    func probes(given snapshot: Snapshot) -> [Probe] { [.query(line)] }

    func step(_ snapshot: Snapshot) -> Step {
        let name = "getent_\(database)"
        let answer = snapshot.output(line)
        switch answer?.status {
        case 0: break
        case 2:
            guard failsWithoutKey else {
                let none: Variables = [name: .map([.string(key ?? ""): .null])]
                return .converged(
                    TaskResult(message: Self.noKey, fields: ["ansible_facts": none.asMap], facts: none))
            }
            return fail(Self.noKey)
        default: return fail("Missing arguments, or database unknown.")
        }
        var entries: OrderedDictionary<Value, Value> = [:]
        for text in (answer?.text ?? "").split(separator: "\n") {
            let fields =
                split.map { text.split(separator: $0, omittingEmptySubsequences: false).map(String.init) }
                ?? text.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let first = fields.first else { continue }
            entries[.string(first)] = .list(fields.dropFirst().map(Value.string))
        }
        let facts: Variables = [name: .map(entries)]
        return .converged(TaskResult(fields: ["ansible_facts": facts.asMap], facts: facts))
    }

    private static let noKey = "One or more supplied key could not be found in the database."

    private func fail(_ message: String) -> Step { .failed(TaskResult(failed: true, message: message)) }
}

/// The state of all services, as facts.
struct ServiceFactsModule: TaskModule {
    /// `service_facts` has no parameters.
    static let specification = ModuleSpecification("service_facts")

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {}

    private static let units =
        "LC_ALL=C systemctl list-units --no-pager --no-legend --type service --all --plain --full"
    private static let files = "LC_ALL=C systemctl list-unit-files --no-pager --no-legend --type service --full"

    func probes(given snapshot: Snapshot) -> [Probe] { [.query(Self.units), .query(Self.files)] }

    func step(_ snapshot: Snapshot) -> Step {
        var services: OrderedDictionary<Value, Value> = [:]
        func put(_ name: String, _ state: String, _ status: String) {
            services[.string(name)] = .map([
                "name": .string(name), "state": .string(state), "status": .string(status), "source": .string("systemd"),
            ])
        }
        var statuses: [String: String] = [:]
        for line in (snapshot.output(Self.files)?.text ?? "").split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.count > 1 { statuses[words[0]] = words[1] }
        }
        for line in (snapshot.output(Self.units)?.text ?? "").split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 3 else { continue }
            let state = words[3] == "running" ? "running" : words[2] == "failed" ? "stopped" : "stopped"
            put(words[0], state, words[1] == "not-found" ? "not-found" : statuses[words[0]] ?? "unknown")
        }
        for (name, status) in statuses.sorted(by: { $0.key < $1.key }) where services[.string(name)] == nil {
            put(name, name.contains("@.") ? "unknown" : "inactive", status)
        }
        let facts: Variables = ["services": .map(services)]
        return .converged(TaskResult(fields: ["ansible_facts": facts.asMap], facts: facts))
    }
}

/// All installed packages, as facts.
struct PackageFactsModule: TaskModule {
    /// Parameters of `package_facts`; Drover asks dpkg.
    static let specification = ModuleSpecification(
        "package_facts", parameters: [.init("manager", .list), .init("strategy", choices: ["first", "all"])])

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {}

    private static let hints = ["only hosts with Debian's packages can be asked"]

    private static let line =
        #"LC_ALL=C dpkg-query -W -f '${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\t${Section}\n'"#

    func probes(given snapshot: Snapshot) -> [Probe] { [.query(Self.line)] }

    func step(_ snapshot: Snapshot) -> Step {
        guard let answer = snapshot.output(Self.line), answer.status == 0 else {
            return .failed(TaskResult(failure: "dpkg-query cannot be run on this host", hints: Self.hints))
        }
        var packages: OrderedDictionary<Value, [Value]> = [:]
        for text in answer.text.split(separator: "\n") where text.dropFirst().first == "i" {
            let fields = text.split(separator: "\t", omittingEmptySubsequences: false).map { Value.string(String($0)) }
            guard fields.count == 5 else { continue }
            packages[fields[1], default: []].append(
                .map([
                    "name": fields[1], "version": fields[2], "arch": fields[3], "category": fields[4],
                    "origin": .string(""), "source": .string("apt"),
                ]))
        }
        let facts: Variables = ["packages": .map(packages.mapValues(Value.list))]
        return .converged(TaskResult(fields: ["ansible_facts": facts.asMap], facts: facts))
    }
}
