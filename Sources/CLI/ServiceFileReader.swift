import Fleet
import Foundation
import Inventories
import Rollouts

/// Reads `drover.yml`. Strict: an unknown key is an error with its place and the nearest name there is.
struct ServiceFileReader {
    /// The file that commands read unless told otherwise.
    static let defaultName = "drover.yml"

    private let path: String

    /// Reads the file at `path`.
    /// - Throws: ``InputError`` with the place of the first mistake.
    static func read(_ path: String) throws(InputError) -> ServiceFile {
        guard FileManager.default.fileExists(atPath: path) else {
            throw InputError(
                "there is no such file", at: SourceLocation(file: path),
                hints: ["run drover in the folder of \(defaultName), or name the file with --service FILE"])
        }
        guard let node = try YAMLReader.read(file: path) else {
            throw InputError("the file is empty", at: SourceLocation(file: path))
        }
        return try Self(path: path).file(node)
    }

    private func file(_ node: SourceNode) throws(InputError) -> ServiceFile {
        let fields = try Fields(node, of: Fields.whole, Self.keys)
        let service = try fields.text("service")
        try ServiceName.check(service, of: "service", at: fields.place("service"))
        let stages = try stages(fields.required("stages"))
        return ServiceFile(
            path: path, folder: folder, service: service,
            root: try fields.absolutePath("root") ?? "/srv/\(service)",
            units: try units(fields) ?? ["\(service).service"], pool: try pool(fields.required("pool")),
            stages: stages, state: try fields.optionalText("state"),
            vaultPasswordFile: try fields.optionalText("vault_password_file"))
    }

    private static let keys = ["service", "root", "units", "pool", "stages", "state", "vault_password_file"]

    private func units(_ fields: Fields) throws(InputError) -> [String]? {
        guard let units = try fields.texts("units") else { return nil }
        var names: [String] = []
        for (unit, place) in units {
            try ServiceName.check(unit: unit, at: place)
            guard !names.contains(unit) else { throw InputError("the unit '\(unit)' is named twice", at: place) }
            names.append(unit)
        }
        return names
    }

    // MARK: pool

    private func pool(_ node: SourceNode) throws(InputError) -> ServiceFile.PoolSettings {
        let fields = try Fields(
            node, of: "pool", ["name", "balancers", "members", "port", "check", "config", "socket"])
        let name = try fields.text("name")
        try ServiceName.check(pool: name, at: fields.place("name"))
        let config = try fields.absolutePath("config") ?? "/etc/haproxy/pools/\(name).cfg"
        guard config.hasSuffix(".cfg") else {
            throw InputError(
                "config must end in .cfg, or HAProxy leaves it out, but is '\(config)'", at: fields.place("config"),
                hints: ["config: \(config).cfg"])
        }
        return ServiceFile.PoolSettings(
            name: name, balancers: try fields.text("balancers"), members: try fields.text("members"),
            port: try fields.number("port", in: 1...65535),
            check: try fields["check"].map { node throws(InputError) in try check(node) } ?? Pool.Check(),
            configFile: config,
            socket: try fields.absolutePath("socket") ?? "/run/haproxy/admin.sock")
    }

    private func check(_ node: SourceNode) throws(InputError) -> Pool.Check {
        let fields = try Fields(node, of: "check", ["path", "expect", "interval", "rise", "fall"])
        var check = Pool.Check()
        if let path = try fields.urlPath("path") { check.path = path }
        if let expect = try fields.statuses("expect") { check.expect = expect }
        if let interval = try fields.duration("interval", in: .milliseconds(10) ... .seconds(3600)) {
            check.interval = interval
        }
        if let rise = try fields.optionalNumber("rise", in: 1...100) { check.rise = rise }
        if let fall = try fields.optionalNumber("fall", in: 1...100) { check.fall = fall }
        return check
    }

    // MARK: stages

    /// What follows `drover rollout` in place of a stage.
    private static let words: Set<String> = ["help", "resume", "start"]

    private func stages(_ node: SourceNode) throws(InputError) -> [ServiceFile.Stage] {
        guard let entries = node.entries else {
            throw InputError("stages must be a mapping of names to stages, but is \(node.summary)", at: node.location)
        }
        guard !entries.isEmpty else {
            throw InputError(
                "stages is empty", at: node.location,
                hints: ["name at least one: stages: {production: {inventory: inventory/production.yml}}"])
        }
        var stages: [ServiceFile.Stage] = []
        for entry in entries {
            guard let name = entry.key.text else {
                throw InputError("a stage's name must be text", at: entry.key.location)
            }
            try ServiceName.check(name, of: "stage", at: entry.key.location)
            if Self.words.contains(name) {
                throw InputError(
                    "'\(name)' cannot name a stage: it is a word of 'drover rollout'", at: entry.key.location,
                    hints: ["call it otherwise, such as \(name)-stage"])
            }
            stages.append(try stage(name, entry.value, earlier: stages.map(\.name)))
        }
        return stages
    }

    private func stage(
        _ name: String, _ node: SourceNode, earlier: [String]
    ) throws(InputError) -> ServiceFile.Stage {
        let fields = try Fields(
            node, of: "stage \(name)", ["inventory", "playbook", "after", "bake", "rollout", "gates"])
        let after = try fields.optionalText("after")
        if let after, !earlier.contains(after) {
            throw InputError(
                "stage \(name) comes after '\(after)', which is no stage above it", at: fields.place("after"),
                hints: earlier.isEmpty ? [] : ["stages above it: \(earlier.joined(separator: ", "))"])
        }
        guard let inventory = try fields.texts("inventory")?.map(\.text), !inventory.isEmpty else {
            throw InputError(
                "stage \(name) has no inventory", at: node.location,
                hints: ["for example: inventory: inventory/\(name).yml"])
        }
        return ServiceFile.Stage(
            name: name, inventory: inventory, playbooks: try fields.texts("playbook")?.map(\.text) ?? [],
            after: after, bake: try fields.duration("bake", in: .zero ... .seconds(8760 * 3600)) ?? .zero,
            rollout: try fields["rollout"].map { node throws(InputError) in try policy(node) } ?? RolloutPolicy(),
            gates: try gates(fields["gates"]), location: node.location,
            minimumLocation: fields["rollout"]?["minimum"]?.location)
    }

    private func policy(_ node: SourceNode) throws(InputError) -> RolloutPolicy {
        let fields = try Fields(
            node, of: "rollout",
            ["canary", "batch", "drain", "health", "bake", "budget", "confirm", "minimum"])
        var policy = RolloutPolicy()
        if let canary = try fields.optionalNumber("canary", in: 0...10_000) { policy.canary = canary }
        if let batch = try fields.batch("batch") { policy.batch = batch }
        if let drain = try fields.duration("drain", in: .zero ... .seconds(86400)) { policy.drain = drain }
        if let health = try fields.duration("health", in: .seconds(1) ... .seconds(3600)) { policy.health = health }
        if let bake = try fields.duration("bake", in: .zero ... .seconds(7 * 86400)) { policy.bake = bake }
        if let budget = try fields.optionalNumber("budget", in: 0...10_000) { policy.budget = budget }
        if let confirm = try fields.duration("confirm", in: .seconds(1) ... .seconds(86400)) {
            policy.confirm = confirm
        }
        policy.minimumInService = try fields.optionalNumber("minimum", in: 0...10_000)
        return policy
    }

    private func gates(_ node: SourceNode?) throws(InputError) -> [ServiceFile.Gate] {
        guard let node else { return [] }
        guard let items = node.items else {
            throw InputError("gates must be a list, but is \(node.summary)", at: node.location)
        }
        var gates: [ServiceFile.Gate] = []
        for item in items { gates.append(try gate(item)) }
        return gates
    }

    private func gate(_ node: SourceNode) throws(InputError) -> ServiceFile.Gate {
        let fields = try Fields(node, of: "gate", ["http", "command", "timeout"])
        switch (fields["http"], try fields.optionalText("command")) {
        case (let http?, nil):
            let timeout = try fields.duration("timeout", in: .milliseconds(100) ... .seconds(600))
            return try self.http(http, timeout: timeout)
        case (nil, let command?):
            if let fault = GateCommand(line: command, folder: folder).fault {
                throw InputError(fault.message, at: fields.place("command"), hints: [fault.hint])
            }
            let timeout = try fields.duration("timeout", in: .seconds(1) ... .seconds(86400))
            return .command(command, timeout: timeout ?? .seconds(60))
        default:
            throw InputError(
                "a gate is one of http and command", at: node.location,
                hints: ["for example: http: {path: /healthz, expect: 200}"])
        }
    }

    private var folder: String { (path as NSString).deletingLastPathComponent.orDot }
}

extension ServiceFileReader {
    private func http(_ node: SourceNode, timeout: Duration?) throws(InputError) -> ServiceFile.Gate {
        let parts = try Fields(node, of: "http", ["path", "expect", "port", "to"])
        let path = try parts.urlPath("path") ?? "/"
        let expect = try parts.optionalNumber("expect", in: 100...599) ?? 200
        let port = try parts.optionalNumber("port", in: 1...65535)
        switch try parts.optionalText("to") ?? "balancers" {
        case "balancers": return .http(path: path, expect: expect, port: port ?? 80, timeout: timeout ?? .seconds(5))
        case "batch":
            if timeout == nil { return .host(path: path, expect: expect, port: port) }
            throw InputError(
                "a gate to the batch takes no timeout: each host has 3 s to answer", at: node.location)
        case let other:
            throw InputError(
                "'to' is one of balancers and batch, but is '\(other)'", at: parts.place("to"),
                hints: ["balancers: through every balancer; batch: on each host that just got the build"])
        }
    }
}

extension String {
    fileprivate var orDot: String { isEmpty ? "." : self }
}
