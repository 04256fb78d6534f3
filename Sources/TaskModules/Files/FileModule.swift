import Fleet
import OrderedCollections

/// Folders, links, empty files, and the owner, group and mode of anything.
struct FileModule: TaskModule {
    /// Parameters of `file`.
    static let specification = ModuleSpecification(
        "file",
        parameters: [
            .init("path", .path, aliases: ["dest", "name"], required: true), .init("src", .path),
            .init("state", choices: ["absent", "directory", "file", "hard", "link", "touch"]),
            .init("recurse", .bool), .init("force", .bool), .init("follow", .bool),
            .init("access_time"), .init("modification_time"),
        ] + FileAttributes.parameters)

    private let path: HostPath
    private let state: String?
    private let source: String?
    private let attributes: FileAttributes
    private let recurses: Bool
    private let force: Bool
    private let follow: Bool
    private let times: TouchTimes

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        path = HostPath(try arguments.requiredPath("path"))
        state = try arguments.string("state")
        source = try arguments.path("src")
        attributes = try FileAttributes(arguments)
        recurses = try arguments.bool("recurse")
        force = try arguments.bool("force")
        follow = try arguments.bool("follow", default: true)
        times = try TouchTimes(arguments, isTouch: state == "touch")
        if attributes.mode == .preserve { throw arguments.wrong("mode", "cannot be 'preserve' here") }
        if recurses, let state, state != "directory" {
            throw arguments.wrong("recurse", "needs state 'directory', not '\(state)'")
        }
        if source != nil, state != "link", state != "hard" {
            throw arguments.wrong("src", "needs state 'link' or 'hard'")
        }
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        let ask = part(snapshot).probes(given: snapshot)
        return state == nil ? path.probes() + (path.resolved(snapshot).map { [.path($0)] } ?? []) + ask : ask
    }

    func step(_ snapshot: Snapshot) throws -> Step { try part(snapshot).step(snapshot) }

    /// The part that knows the state; without one, what is there decides.
    private func part(_ snapshot: Snapshot) -> any PathPart {
        switch state ?? current(snapshot) {
        case "absent": return AbsentState(path: path)
        case "directory":
            return FolderState(path: path, attributes: attributes, recurses: recurses, follow: follow)
        case "link": return LinkState(path: path, source: source, attributes: attributes, force: force, follow: follow)
        case "hard":
            return HardLinkState(path: path, source: source.map(HostPath.init), attributes: attributes, force: force)
        case "touch": return TouchState(path: path, attributes: attributes, times: times)
        default: return ExistingFileState(path: path, attributes: attributes, follow: follow, isNamed: state != nil)
        }
    }

    private func current(_ snapshot: Snapshot) -> String {
        guard let state = path.resolved(snapshot).flatMap(snapshot.path) else { return recurses ? "directory" : "file" }
        return state.stateName == "hard" && source == nil ? "file" : state.stateName
    }
}

/// What one `state` of `file` comes to.
protocol PathPart: Sendable {
    /// What must be known.
    func probes(given snapshot: Snapshot) -> [Probe]
    /// What it comes to.
    func step(_ snapshot: Snapshot) throws -> Step
}

/// The times that `touch` sets.
struct TouchTimes: Sendable, Equatable {
    /// Whether the time of the last access is set to now.
    var access: Bool
    /// Whether the time of the last modification is set to now.
    var modification: Bool

    /// Reads `access_time` and `modification_time`: `now` or `preserve`.
    init(_ arguments: ModuleArguments, isTouch: Bool) throws(InputError) {
        access = try Self.isNow("access_time", arguments) ?? isTouch
        modification = try Self.isNow("modification_time", arguments) ?? isTouch
    }

    private static func isNow(_ name: String, _ arguments: ModuleArguments) throws(InputError) -> Bool? {
        switch try arguments.string(name) {
        case nil: return nil
        case "now": return true
        case "preserve": return false
        case let text?: throw arguments.wrong(name, "can be 'now' or 'preserve', not '\(text)'")
        }
    }

    /// Options of `touch`, `nil` when no time is set.
    var options: String? {
        switch (access, modification) {
        case (true, true): ""
        case (true, false): "-a "
        case (false, true): "-m "
        case (false, false): nil
        }
    }
}
