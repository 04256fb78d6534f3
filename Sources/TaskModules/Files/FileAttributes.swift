import Fleet
import OrderedCollections
import Values

/// Owner, group and permission bits that a task asks for.
struct FileAttributes: Sendable, Equatable {
    var owner: String?
    var group: String?
    var mode: FileMode?

    /// The parameters that every module that writes files takes.
    static let parameters: [ModuleSpecification.Parameter] = [
        .init("owner"), .init("group"), .init("mode", .raw), .init("unsafe_writes", .bool),
    ]

    /// These are asked for.
    init(owner: String? = nil, group: String? = nil, mode: FileMode? = nil) {
        self.owner = owner
        self.group = group
        self.mode = mode
    }

    /// Reads `owner`, `group` and `mode`.
    init(_ arguments: ModuleArguments) throws(InputError) {
        owner = try arguments.string("owner")
        group = try arguments.string("group")
        mode = try arguments.mode()
    }

    /// Whether nothing is asked for.
    var isEmpty: Bool { owner == nil && group == nil && mode == nil }

    /// The state that `state` becomes.
    func applied(to state: PathState, umask: UInt16 = 0o22) -> PathState {
        var result = state
        if let owner, !Self.isOwner(owner, of: state) { (result.owner, result.uid) = Self.named(owner) }
        if let group, !Self.isGroup(group, of: state) { (result.group, result.gid) = Self.named(group) }
        if let mode { result.mode = mode.bits(from: state.mode, isDirectory: state.kind == .directory, umask: umask) }
        return result
    }

    /// Shell lines that make `state` what is asked for; none when it is already. A link itself has no mode.
    ///
    /// - Parameter path: A word as the shell reads it, already quoted.
    func lines(for state: PathState, path: String, umask: UInt16 = 0o22) -> [String] {
        let wanted = applied(to: state, umask: umask)
        var lines: [String] = []
        let newOwner = owner.flatMap { Self.isOwner($0, of: state) ? nil : $0 }
        let newGroup = group.flatMap { Self.isGroup($0, of: state) ? nil : $0 }
        if let line = Self.ownershipLine(newOwner, newGroup, path: path, isLink: state.kind == .link) {
            lines.append(line)
        }
        // The kernel clears set-user and set-group bits when the owner changes.
        let wasCleared = !lines.isEmpty && wanted.mode & 0o6000 != 0
        if mode != nil, state.kind != .link, wanted.mode != state.mode || wasCleared {
            lines.append(Self.modeLine(wanted.mode, path: path))
        }
        return lines
    }

    /// `chown` for one or both, `nil` for none.
    static func ownershipLine(_ owner: String?, _ group: String?, path: String, isLink: Bool = false) -> String? {
        let flag = isLink ? "-h " : ""
        switch (owner, group) {
        case (nil, nil): return nil
        case (let owner?, nil): return "chown \(flag)-- \(owner.quoted) \(path)"
        case (nil, let group?): return "chgrp \(flag)-- \(group.quoted) \(path)"
        case (let owner?, let group?): return "chown \(flag)-- \((owner + ":" + group).quoted) \(path)"
        }
    }

    /// `chmod` with five digits: with fewer, coreutils leave a folder's set-group bit as it is.
    static func modeLine(_ mode: UInt16, path: String) -> String { "chmod -- 0\(FileMode.text(mode)) \(path)" }

    /// Differences for people, such as `mode 0644 -> 0600`.
    func diff(_ path: String, from state: PathState, umask: UInt16 = 0o22) -> Diff? {
        let wanted = applied(to: state, umask: umask)
        var (before, after) = ("", "")
        for (name, old, new) in [
            ("owner", state.owner, wanted.owner), ("group", state.group, wanted.group),
            ("mode", FileMode.text(state.mode), FileMode.text(wanted.mode)),
        ] where old != new {
            before += "\(name): \(old)\n"
            after += "\(name): \(new)\n"
        }
        return before.isEmpty ? nil : Diff(path, before: before, after: after)
    }

    private static func isOwner(_ owner: String, of state: PathState) -> Bool {
        Int(owner).map { $0 == state.uid } ?? (owner == state.owner)
    }

    private static func isGroup(_ group: String, of state: PathState) -> Bool {
        Int(group).map { $0 == state.gid } ?? (group == state.group)
    }

    /// Name and number of an owner that is asked for; what is not known yet is `-1` or the number as text.
    private static func named(_ name: String) -> (String, Int) {
        name == "root" || name == "0" ? ("root", 0) : (name, Int(name) ?? -1)
    }
}

extension PathState {
    /// What modules that handle files return about one.
    var resultFields: Variables {
        var fields: Variables = [
            "mode": .string(FileMode.text(mode)), "owner": .string(owner), "group": .string(group),
            "state": .string(stateName), "size": .int(size),
        ]
        if uid >= 0 { fields["uid"] = .int(uid) }
        if gid >= 0 { fields["gid"] = .int(gid) }
        return fields
    }

    /// The kind, as `file` names states.
    var stateName: String {
        switch kind {
        case .directory: "directory"
        case .link: "link"
        default: links > 1 ? "hard" : "file"
        }
    }
}
