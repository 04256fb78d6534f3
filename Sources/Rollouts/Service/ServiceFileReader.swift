public import Fleet
import Foundation
import Inventories
import Values

/// Reads `drover.yml`. Strict: an unknown key is an error with its place and the nearest name there is.
///
/// Every mistake is noted and reading goes on after it, with what would hold if nothing were said there.
public struct ServiceFileReader {
    /// The file that commands read unless told otherwise.
    public static let defaultName = "drover.yml"

    /// Where programs are looked for when nothing says otherwise.
    public static let defaultSearchPath = "/usr/local/bin:/usr/bin:/bin"

    let path: String
    let searchPath: String
    let mistakes: MistakeLog
    /// What stands under `tiers:`.
    var tierNodes: SourceNode?

    /// Reads the file at `path`.
    ///
    /// - Parameter searchPath: The folders that gates' programs are looked for in, as `$PATH` has them.
    /// - Throws: ``InputError`` with the place of a mistake, if there is any: the first that was come upon.
    public static func read(
        _ path: String, searchPath: String = ServiceFileReader.defaultSearchPath
    ) throws(InputError) -> ServiceFile {
        let mistakes = MistakeLog()
        let draft = review(path, searchPath: searchPath, mistakes)
        if let first = mistakes.all.first { throw first }
        // What is missing is a mistake.
        guard let file = draft?.file else { throw InputError("the file is empty", at: SourceLocation(file: path)) }
        return file
    }

    /// Reads the file at `path` and notes everything that is wrong in it.
    /// - Returns: As much as could be read; `nil` where that is nothing.
    public static func review(
        _ path: String, searchPath: String = ServiceFileReader.defaultSearchPath, _ mistakes: MistakeLog
    ) -> ServiceFileDraft? {
        mistakes.attempt { () throws(InputError) in
            try Self(path: path, searchPath: searchPath, mistakes: mistakes).draft(try node(path))
        }
    }

    private static func node(_ path: String) throws(InputError) -> SourceNode {
        guard FileManager.default.fileExists(atPath: path) else {
            throw InputError(
                "there is no such file", at: SourceLocation(file: path),
                hints: [
                    "run drover in the folder of \(defaultName) or in one below it, or name the file with --service FILE",
                    "a new service begins with: drover init",
                ])
        }
        guard let node = try YAMLReader.read(file: path) else {
            throw InputError("the file is empty", at: SourceLocation(file: path))
        }
        return node
    }

    private func draft(_ node: SourceNode) throws(InputError) -> ServiceFileDraft {
        let fields = try ServiceFileFields(node, .file, mistakes)
        let service = fields.attempt { fields throws(InputError) -> String? in
            let service = try fields.text("service")
            try ServiceName.check(service, of: "service", at: fields.place("service"))
            return service
        }
        var reader = self
        reader.tierNodes = fields["tiers"]
        let stages = fields.attempt { [reader] fields throws(InputError) in
            try reader.stages(fields.required("stages"))
        }
        var draft = ServiceFileDraft(path: path, folder: folder, service: service, stages: stages ?? [])
        draft.root = fields.attempt { fields throws(InputError) in try fields.absolutePath("root") }
        draft.units = fields.attempt { fields throws(InputError) in try self.units(fields) }
        if reader.tierNodes == nil {
            draft.pool = fields.attempt { fields throws(InputError) in try self.pool(fields.required("pool")) }
        } else {
            draft.tiers = fields.attempt { fields throws(InputError) in try self.tiers(fields) } ?? []
        }
        draft.state = fields.attempt { fields throws(InputError) in try self.state(fields["state"]) }
        draft.builds = fields.attempt { fields throws(InputError) in try self.builds(fields) }
        if let retention = fields.attempt({ fields throws(InputError) in try self.retention(fields["retention"]) }) {
            draft.retention = retention
        }
        draft.signatures = fields.attempt { fields throws(InputError) in try self.signatures(fields) }
        if let found = fields.attempt({ fields throws(InputError) in try self.retirement(fields["retire"]) }) {
            draft.retirement = found
        }
        draft.vaultPasswordFile = fields.attempt { fields throws(InputError) in
            try fields.optionalText("vault_password_file")
        }
        SettingsReader.check(fields)
        return draft
    }

    private func state(_ node: SourceNode?) throws(InputError) -> StatePlace? {
        guard let node else { return nil }
        return try StatePlace(node, mistakes) { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" }
    }

    private func builds(_ fields: ServiceFileFields) throws(InputError) -> SharedBuildsAddress? {
        guard let text = try fields.optionalText("builds") else { return nil }
        return try SharedBuildsAddress(text, relativeTo: folder, at: fields.place("builds"))
    }

    private func retention(_ node: SourceNode?) throws(InputError) -> Retention {
        var retention = Retention()
        guard let node else { return retention }
        let fields = try ServiceFileFields(node, .retention, mistakes)
        fields.takeNumber("runs", into: &retention.runs)
        fields.takeNumber("builds", into: &retention.builds)
        fields.takeNumber("releases", into: &retention.releases)
        return retention
    }

    func units(_ fields: ServiceFileFields) throws(InputError) -> [String]? {
        guard let units = try fields.texts("units") else { return nil }
        var names: [String] = []
        for (unit, place) in units {
            _ = mistakes.attempt { () throws(InputError) in
                try ServiceName.check(unit: unit, at: place)
                guard !names.contains(unit) else { throw InputError("the unit '\(unit)' is named twice", at: place) }
                names.append(unit)
            }
        }
        return names
    }

    /// Folder that relative paths begin at.
    var folder: String {
        let folder = (path as NSString).deletingLastPathComponent
        return folder.isEmpty ? "." : folder
    }
}

extension ServiceFileReader {
    /// - Parameter tier: The hosts that are its members, where it is a tier's.
    func pool(_ node: SourceNode, of tier: String? = nil) throws(InputError) -> ServiceFile.PoolSettings? {
        let fields = try ServiceFileFields(node, tier == nil ? .pool : .tierPool, mistakes)
        let name = fields.attempt { fields throws(InputError) -> String? in
            let name = try fields.text("name")
            try ServiceName.check(pool: name, at: fields.place("name"))
            return name
        }
        let balancers = fields.attempt { fields throws(InputError) in try fields.text("balancers") }
        let members = fields.attempt { fields throws(InputError) -> String? in
            if let tier { return tier }
            return try fields.text("members")
        }
        let port = fields.attempt { fields throws(InputError) in try fields.number("port") }
        var check = Pool.Check()
        if let node = fields["check"] {
            _ = mistakes.attempt { () throws(InputError) in check = try self.check(node) }
        }
        let driver = fields.attempt { fields throws(InputError) in try self.driver(fields) } ?? .haproxy
        let config = fields.attempt { fields throws(InputError) in try self.config(fields, driver) }
        let address = fields.attempt { fields throws(InputError) in try self.address(fields) }
        let socket = fields.attempt { fields throws(InputError) in try fields.absolutePath("socket") }
        let traffic = self.traffic(fields, interval: check.interval)
        let adoption = self.adoption(fields, driver)
        let isAsked = fields["check"]?["path"] != nil
        if traffic.mode == .tcp || adoption != nil, !isAsked { check.kind = .connect }
        guard let name, let balancers, let members, let port else { return nil }
        let usual = adoption == nil ? driver.usualFile(of: name) : "/etc/haproxy/haproxy.cfg"
        return ServiceFile.PoolSettings(
            name: name, balancers: balancers, members: members, port: port, check: check,
            configFile: config ?? usual, socket: socket ?? "/run/haproxy/admin.sock",
            traffic: traffic, driver: driver, address: address, adoption: adoption)
    }

    private func address(_ fields: ServiceFileFields) throws(InputError) -> String? {
        guard let address = try fields.optionalText("address") else { return nil }
        guard LiteralAddress.isOne(address) else {
            throw InputError(
                "address must be an IP address, but is '\(address)'", at: fields.place("address"),
                hints: ["the one that clients ask and that moves between balancers, such as 10.0.0.9"])
        }
        return address
    }

    private func driver(_ fields: ServiceFileFields) throws(InputError) -> Pool.Driver? {
        guard let word = try fields.optionalText("driver") else { return nil }
        if let driver = Pool.Driver(rawValue: word) { return driver }
        throw InputError(
            "'driver' is one of haproxy and nginx, but is '\(word)'", at: fields.place("driver"),
            hints: NearestNames.hints(for: word, among: Pool.Driver.allCases.map(\.rawValue)))
    }

    private func config(_ fields: ServiceFileFields, _ driver: Pool.Driver) throws(InputError) -> String? {
        guard let config = try fields.absolutePath("config") else { return nil }
        let (end, program) = driver == .nginx ? (".conf", "nginx") : (".cfg", "HAProxy")
        guard config.hasSuffix(end) else {
            throw InputError(
                "config must end in \(end), or \(program) leaves it out, but is '\(config)'",
                at: fields.place("config"), hints: ["config: \(config)\(end)"])
        }
        return config
    }

    func check(_ node: SourceNode) throws(InputError) -> Pool.Check {
        let fields = try ServiceFileFields(node, .check, mistakes)
        var check = Pool.Check()
        fields.take("path", into: &check.path) { fields, key throws(InputError) in try fields.urlPath(key) }
        fields.take("expect", into: &check.expect) { fields, key throws(InputError) in try fields.statuses(key) }
        fields.takeTime("interval", into: &check.interval)
        fields.takeNumber("rise", into: &check.rise)
        fields.takeNumber("fall", into: &check.fall)
        return check
    }
}

extension Pool.Driver {
    /// The pool's file, where `config:` says nothing.
    fileprivate func usualFile(of pool: String) -> String {
        switch self {
        case .haproxy: "/etc/haproxy/pools/\(pool).cfg"
        case .nginx: "/etc/nginx/conf.d/drover-\(pool).conf"
        }
    }
}
