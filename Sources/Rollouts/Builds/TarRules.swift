/// What a build may hold: files, folders and links that stay inside, each once, and nothing that would need or give rights.
struct TarRules {
    /// What a path in the archive is so far.
    private enum Kind { case file, folder, link }

    private var kinds: [String: Kind] = [:]
    private var unpacked: Int64 = 0
    private var entries: Int64 = 0
    private var length = 0
    /// The first parts of the paths, as long as there is only one.
    private var tops: Set<String> = []

    /// How many members an archive may have, and how long all their names may be together.
    private static let most = 1_000_000, longest = 256 << 20

    /// What the build takes on a host.
    func extent(packed: Int64) -> BuildExtent { BuildExtent(packed: packed, unpacked: unpacked, entries: entries) }

    /// Whether there is anything in it.
    var isEmpty: Bool { kinds.isEmpty }

    /// Whether there is anything in it but folders.
    var hasFiles: Bool { kinds.values.contains { $0 != .folder } }

    /// The folder that everything lies below; `nil` when there is more at the top, or it is a folder of a release.
    var soleFolder: String? {
        guard tops.count == 1, let top = tops.first, kinds[top] == .folder else { return nil }
        return Self.usual.contains(top) ? nil : top
    }

    /// Folders that a release may well consist of.
    private static let usual: Set<String> = [
        "app", "bin", "build", "dist", "etc", "lib", "libexec", "opt", "public", "sbin", "share", "src", "static",
        "usr",
        "var", "web", "www",
    ]

    /// Takes a member.
    /// - Throws: ``TarRefusal`` that names it.
    mutating func take(_ member: TarMember) throws(TarRefusal) {
        let parts = try Self.parts(of: member)
        try Self.check(member)
        let name = parts.joined(separator: "/")
        entries += 1
        length += name.utf8.count
        guard entries <= Self.most, length <= Self.longest else {
            throw TarRefusal("more members than a build may have (\(Self.most))", member)
        }
        unpacked = unpacked.addingReportingOverflow(Self.blocks(member)).partialValue
        guard unpacked >= 0, unpacked <= 1 << 50 else { throw TarRefusal("more data than a host could hold", member) }
        guard let top = parts.first else {
            if member.kind == .folder { return }
            throw TarRefusal("something in place of its own folder", member)
        }
        if tops.count < 2 { tops.insert(top) }
        try noteFolders(above: parts, member)
        if name == ".drover-release" || name == SettingsFile.name {
            throw TarRefusal("a file that Drover itself writes", member)
        }
        try note(name, member, depth: parts.count - 1)
    }

    private mutating func noteFolders(above parts: [String], _ member: TarMember) throws(TarRefusal) {
        var path = ""
        for part in parts.dropLast() {
            path += path.isEmpty ? part : "/" + part
            switch kinds[path] {
            case nil: kinds[path] = .folder
            case .folder: continue
            case .link: throw TarRefusal("a path through the link \(path)", member)
            case .file: throw TarRefusal("a path through the file \(path)", member)
            }
        }
    }

    private mutating func note(_ name: String, _ member: TarMember, depth: Int) throws(TarRefusal) {
        let isFolder = member.kind == .folder
        // A file that was named twice when it was packed is a link to itself.
        let isItself = member.kind == .hardLink && Self.plainParts(member.target)?.joined(separator: "/") == name
        if isItself && kinds[name] == .file { return }
        if let earlier = kinds[name], !(earlier == .folder && isFolder) {
            throw TarRefusal("a member twice", member)
        }
        switch member.kind {
        case .symbolicLink: try Self.checkLink(member, depth: depth)
        case .hardLink:
            guard let parts = Self.plainParts(member.target), kinds[parts.joined(separator: "/")] == .file else {
                throw TarRefusal("a hard link to what is no file before it", member)
            }
        default: break
        }
        kinds[name] = isFolder ? .folder : member.kind == .symbolicLink ? .link : .file
    }

    // MARK: single members

    private static func parts(of member: TarMember) throws(TarRefusal) -> [String] {
        let name = member.name
        guard !name.isEmpty else { throw TarRefusal("a member without a name", member) }
        guard !hasControls(name), !hasControls(member.target) else {
            throw TarRefusal("a name with control characters", member)
        }
        guard !name.hasPrefix("/") else { throw TarRefusal("an absolute path", member) }
        let parts = name.split(separator: "/").filter { $0 != "." }
        guard !parts.contains("..") else { throw TarRefusal("a path out of its folder", member) }
        guard name.utf8.count <= 3500, parts.allSatisfy({ $0.utf8.count <= 255 }) else {
            throw TarRefusal("a longer name than hosts can have", member)
        }
        return parts.map(String.init)
    }

    private static func check(_ member: TarMember) throws(TarRefusal) {
        switch member.kind {
        case .device: throw TarRefusal("a device", member)
        case .pipe: throw TarRefusal("a named pipe", member)
        case .other(let type): throw TarRefusal("a member of an unknown kind ('\(type)')", member)
        case .file, .hardLink:
            if member.mode & 0o4000 != 0 { throw TarRefusal("a set-user-ID file", member) }
            if member.mode & 0o2000 != 0 { throw TarRefusal("a set-group-ID file", member) }
        case .folder:
            if member.mode & 0o4000 != 0 { throw TarRefusal("a set-user-ID folder", member) }
        case .symbolicLink: break
        }
    }

    /// A link may climb as far as its own folder is deep, and then only go down: what lies on the way may be a link, too.
    private static func checkLink(_ member: TarMember, depth: Int) throws(TarRefusal) {
        let target = member.target
        if target.isEmpty { throw TarRefusal("a link to nowhere", member) }
        if target.hasPrefix("/") { throw TarRefusal("a link to an absolute path", member) }
        let parts = target.split(separator: "/").filter { $0 != "." }
        let climbs = parts.prefix { $0 == ".." }.count
        guard climbs <= depth else { throw TarRefusal("a link out of its folder", member) }
        guard !parts.dropFirst(climbs).contains("..") else {
            throw TarRefusal("a link that goes down and up again", member)
        }
    }

    private static func plainParts(_ path: String) -> [Substring]? {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return path.hasPrefix("/") || parts.contains("..") ? nil : parts
    }

    private static func hasControls(_ text: String) -> Bool { text.unicodeScalars.contains(where: isControl) }

    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
    }

    /// Whole blocks of 4 KiB.
    private static func blocks(_ member: TarMember) -> Int64 {
        switch member.kind {
        case .file: (member.size + 4095) / 4096 * 4096
        case .folder: 4096
        default: 0
        }
    }
}

/// Why a build is not taken.
struct TarRefusal: Error, Equatable {
    /// What the archive holds.
    let reason: String
    /// The member at fault, and where it leads.
    let member: String

    init(_ reason: String, _ member: TarMember) {
        self.reason = reason
        let isLink = member.kind == .symbolicLink || member.kind == .hardLink
        let name = isLink ? "\(member.name) -> \(member.target)" : member.name
        self.member = String(
            String.UnicodeScalarView(
                name.unicodeScalars.flatMap { scalar in
                    TarRules.isControl(scalar) ? Array(scalar.escaped(asASCII: true).unicodeScalars) : [scalar]
                }))
    }

    /// For people.
    var message: String { "the archive holds \(reason): \(member)" }
}
