public import Fleet
public import Values

/// What a host answered to one ``Probe``.
public enum Answer: Sendable, Equatable {
    /// There is no such thing, or this user may not see it.
    case absent
    /// It is there but cannot be read: no permission, or not a regular file.
    case unreadable
    /// Answer to `.path` and `.target`.
    indirect case path(PathState)
    /// Answer to `.sha1` and `.sha256`: lower-case hex.
    case digest(String)
    /// Answer to `.content`.
    case content([UInt8])
    /// Answer to `.package`.
    indirect case package(PackageState)
    /// Answer to `.candidate`: the version that would be installed, empty for a name that others only provide.
    indirect case candidate(String)
    /// Answer to `.providers`: names of installed packages.
    case names([String])
    /// Answer to `.user`.
    indirect case user(UserState)
    /// Answer to `.group`.
    indirect case group(GroupState)
    /// Answer to `.shadow`.
    indirect case shadow(ShadowState)
    /// Answer to `.unit`.
    indirect case unit(UnitState)
    /// Answer to `.facts`: names without the `ansible_` prefix.
    indirect case facts(Variables)
    /// Answer to `.access`.
    case access(read: Bool, write: Bool, execute: Bool)
    /// Answer to `.tree`: paths with their state, folders before what they hold.
    case tree([TreeEntry])
    /// Answer to `.session`.
    indirect case session(SessionState)
    /// Answer to `.clock`: seconds since 1970.
    case clock(Int)
    /// Answer to `.query`: exit status and standard output.
    indirect case output(status: Int, text: String)
}

/// What `stat` says of a path.
public struct PathState: Sendable, Equatable {
    /// What stands there.
    public var kind: FileKind
    /// Permission bits with set-user, set-group and sticky bit.
    public var mode: UInt16
    /// Owner's number.
    public var uid: Int
    /// Group's number.
    public var gid: Int
    /// Owner's name, or `UNKNOWN`.
    public var owner: String
    /// Group's name, or `UNKNOWN`.
    public var group: String
    /// Bytes.
    public var size: Int
    /// Where a symbolic link points, as written in it.
    public var linkTarget: String?
    /// Inode number.
    public var inode = 0
    /// Device number.
    public var device = 0
    /// Number of hard links.
    public var links = 1
    /// Allocated blocks.
    public var blocks = 0
    /// Preferred block size in bytes.
    public var blockSize = 4096
    /// Last access, seconds since 1970.
    public var accessed = 0.0
    /// Last modification, seconds since 1970.
    public var modified = 0.0
    /// Last change of the inode, seconds since 1970.
    public var changed = 0.0

    /// A path's state with what matters for deciding.
    public init(
        _ kind: FileKind, mode: UInt16, uid: Int = 0, gid: Int = 0, owner: String = "root", group: String = "root",
        size: Int = 0, linkTarget: String? = nil
    ) {
        self.kind = kind
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.owner = owner
        self.group = group
        self.size = size
        self.linkTarget = linkTarget
    }
}

/// One path of a folder tree.
public struct TreeEntry: Sendable, Equatable {
    /// The path.
    public var path: String
    /// Its state.
    public var state: PathState

    /// A path with its state.
    public init(_ path: String, _ state: PathState) {
        self.path = path
        self.state = state
    }
}

/// What dpkg knows of a package.
public struct PackageState: Sendable, Equatable {
    /// Installed version.
    public var version: String
    /// Whether it is installed and configured; `false` when only its configuration files are left.
    public var isInstalled: Bool
    /// Whether it is held at its version.
    public var isHeld: Bool

    /// A package's state.
    public init(version: String, isInstalled: Bool = true, isHeld: Bool = false) {
        self.version = version
        self.isInstalled = isInstalled
        self.isHeld = isHeld
    }
}

/// A user's account.
public struct UserState: Sendable, Equatable {
    /// Login name.
    public var name: String
    /// User number.
    public var uid: Int
    /// Primary group's number.
    public var gid: Int
    /// Comment field.
    public var comment: String
    /// Home folder.
    public var home: String
    /// Login shell.
    public var shell: String
    /// Primary group's name, `nil` when no group has the number.
    public var primaryGroup: String?
    /// Supplementary groups, in the order of the group database.
    public var groups: [String]

    /// An account.
    public init(
        name: String, uid: Int, gid: Int, comment: String = "", home: String, shell: String,
        primaryGroup: String? = nil, groups: [String] = []
    ) {
        self.name = name
        self.uid = uid
        self.gid = gid
        self.comment = comment
        self.home = home
        self.shell = shell
        self.primaryGroup = primaryGroup
        self.groups = groups
    }
}

/// A group of users.
public struct GroupState: Sendable, Equatable {
    /// Name.
    public var name: String
    /// Number.
    public var gid: Int
    /// Members listed in the group database.
    public var members: [String]

    /// A group.
    public init(name: String, gid: Int, members: [String] = []) {
        self.name = name
        self.gid = gid
        self.members = members
    }
}

/// A user's line of the shadow database.
public struct ShadowState: Sendable, Equatable {
    /// The password's hash, with `!` in front when locked.
    public var hash: Secret<String>
    /// Least days between changes.
    public var minimumDays: Int?
    /// Most days between changes.
    public var maximumDays: Int?
    /// Days of warning before the password expires.
    public var warningDays: Int?
    /// Day since 1970 on which the account expires.
    public var expiryDay: Int?

    /// A shadow line.
    public init(
        hash: String, minimumDays: Int? = nil, maximumDays: Int? = nil, warningDays: Int? = nil, expiryDay: Int? = nil
    ) {
        self.hash = Secret(hash)
        self.minimumDays = minimumDays
        self.maximumDays = maximumDays
        self.warningDays = warningDays
        self.expiryDay = expiryDay
    }
}

/// What systemd says of a unit.
public struct UnitState: Sendable, Equatable {
    /// Properties as `systemctl show` prints them, such as `ActiveState`.
    public var properties: [String: String]

    /// A unit with `properties`.
    public init(_ properties: [String: String]) { self.properties = properties }

    /// Whether systemd found a file for the unit.
    public var isLoaded: Bool { !["not-found", ""].contains(properties["LoadState"] ?? "") }
    /// Whether the unit runs, or is about to.
    public var isActive: Bool {
        ["active", "activating", "reloading", "refreshing"].contains(properties["ActiveState"] ?? "")
    }
    /// Whether it may not be started at all.
    public var isMasked: Bool {
        properties["LoadState"] == "masked" || (properties["UnitFileState"] ?? "").hasPrefix("masked")
    }
    /// What `systemctl is-enabled` prints, such as `enabled`, `static`.
    public var fileState: String { properties["UnitFileState"] ?? "" }
}

/// What is the same for everything a user does on a host.
public struct SessionState: Sendable, Equatable {
    /// Permission bits that new files lack.
    public var umask: UInt16
    /// User's number.
    public var uid: Int
    /// Primary group's number.
    public var gid: Int
    /// User's name.
    public var user: String
    /// Primary group's name.
    public var group: String
    /// User's home folder.
    public var home: String

    /// A session, root's unless told otherwise.
    public init(
        umask: UInt16 = 0o22, uid: Int = 0, gid: Int = 0, user: String = "root",
        group: String = "root", home: String = "/root"
    ) {
        self.umask = umask
        self.uid = uid
        self.gid = gid
        self.user = user
        self.group = group
        self.home = home
    }
}

extension Snapshot {
    /// State of what stands at `path`, links not followed.
    public func path(_ path: String) -> PathState? {
        guard case .path(let state) = self[.path(path)] else { return nil }
        return state
    }

    /// State of what `path` leads to.
    public func target(_ path: String) -> PathState? {
        guard case .path(let state) = self[.target(path)] else { return nil }
        return state
    }

    /// SHA-1 of a file.
    public func sha1(_ path: String) -> String? {
        guard case .digest(let digest) = self[.sha1(path)] else { return nil }
        return digest
    }

    /// Content of a file.
    public func content(_ path: String) -> [UInt8]? {
        guard case .content(let bytes) = self[.content(path)] else { return nil }
        return bytes
    }

    /// What is the same for everything the task does; root's usual one when nobody asked.
    public var session: SessionState {
        guard case .session(let session) = self[.session] else { return SessionState() }
        return session
    }

    /// Status and output of a query.
    public func output(_ line: String) -> (status: Int, text: String)? {
        guard case .output(let status, let text) = self[.query(line)] else { return nil }
        return (status, text)
    }
}
