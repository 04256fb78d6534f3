public import Fleet
import Foundation
import Subprocess

/// How a build's archive is compressed.
public enum BuildCompression: String, Sendable, CaseIterable {
    /// By gzip, which every host has.
    case gzip
    /// By zstd, which hosts must have.
    case zstd
    /// Not at all.
    case none

    /// What the ending of a file's name says; `nil` when it says nothing.
    public init?(fileName: String) {
        if fileName.hasSuffix(".tar.gz") || fileName.hasSuffix(".tgz") {
            self = .gzip
        } else if fileName.hasSuffix(".tar.zst") {
            self = .zstd
        } else if fileName.hasSuffix(".tar") {
            self = .none
        } else {
            return nil
        }
    }

    /// Reads a tar archive on standard input and writes it as it is to be.
    fileprivate var program: String {
        switch self {
        case .gzip: "gzip -n"
        case .zstd: "zstd -q -T1"
        case .none: "cat"
        }
    }
}

/// What a build is called and how it is made, where a folder is packed.
public struct PackingTerms: Sendable {
    /// The second since 1970 that everything in it is of, as `$SOURCE_DATE_EPOCH` has it; `nil` for that of git's commit,
    /// else 0.
    public var sourceDate: String?
    /// What people call it before its version; `nil` for the folder's name.
    public var name: String?
    /// Its version; `nil` for what git says, else the beginning of its digest.
    public var version: String?
    /// How it is compressed.
    public var compression = BuildCompression.gzip
    /// Paths that are no part of it although they may lie in the folder.
    public var excluded: [String] = []

    /// Terms that leave everything to the folder.
    public init(sourceDate: String? = nil, name: String? = nil, excluded: [String] = []) {
        (self.sourceDate, self.name, self.excluded) = (sourceDate, name, excluded)
    }

    /// - Throws: ``InputError`` for a date that is none.
    fileprivate var time: Int64? {
        get throws(InputError) {
            guard let sourceDate, !sourceDate.isEmpty else { return nil }
            guard let time = Int64(sourceDate), time >= 0 else {
                throw InputError(
                    "$SOURCE_DATE_EPOCH is '\(sourceDate)', which is no number of seconds since 1970",
                    hints: ["unset SOURCE_DATE_EPOCH, or set it by: date +%s"])
            }
            return time
        }
    }
}

/// A folder as it was packed.
public struct PackedFolder: Sendable {
    /// The folder, as it was named.
    public let folder: String
    /// The archive; it belongs to whoever had it made.
    public let path: String
    /// The archive's digest.
    public let digest: BuildDigest
    /// The archive's length in bytes.
    public let size: Int64
    /// What people call the build.
    public let name: String
    /// Where it came from: name, version, and git's commit.
    public let provenance: [String: String]
    /// What lies at its top, and so in a release: folders end in `/`.
    public let top: [String]
    /// How many files and links are in it.
    public let files: Int
    /// The folder that everything lies below, where that is hardly meant.
    public let soleFolder: String?
    /// What git knows of the folder.
    public let revision: FolderRevision?
}

/// Packs folders into archives: the same bytes for the same content.
public struct BuildPacking: Sendable {
    private let terms: PackingTerms

    /// Packs as `terms` say.
    public init(_ terms: PackingTerms = PackingTerms()) { self.terms = terms }

    /// Packs `folder` into the file `path`, which appears whole or not at all, in place of one that is there.
    /// - Throws: ``InputError`` for what cannot be packed, and for a place that cannot be written to.
    @concurrent public func pack(_ folder: String, to path: String) async throws -> PackedFolder {
        let place = try Self.place(of: folder)
        let date = try terms.time
        let revision = await FolderRevision.of(place)
        let walk = try FolderWalk(place, excluding: (terms.excluded + [path]).map(Self.resolved))
        let workshop = try PackingWorkshop(beside: path)
        defer { workshop.clear() }
        try workshop.write(walk.entries, of: place, shownAs: folder, time: date ?? revision?.time ?? 0)
        try await workshop.compress(by: terms.compression.program)
        let (digest, size) = try workshop.settle(at: path)
        let version = terms.version ?? revision.map(Self.version) ?? String(digest.description.prefix(8))
        let own = terms.name ?? (place as NSString).lastPathComponent
        var provenance = ["name": own, "version": version]
        if let revision { provenance["commit"] = revision.commit }
        if let revision, revision.changes > 0 { provenance["dirty"] = "true" }
        return PackedFolder(
            folder: folder, path: path, digest: digest, size: size, name: "\(own)-\(version)", provenance: provenance,
            top: walk.entries.filter(\.isAtTop).map(\.member.name),
            files: walk.entries.count { $0.member.kind != .folder }, soleFolder: walk.soleFolder, revision: revision)
    }

    private static func version(_ revision: FolderRevision) -> String {
        revision.version.replacing("/", with: "-") + (revision.changes > 0 ? "-dirty" : "")
    }

    private static func place(of folder: String) throws(InputError) -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else {
            throw InputError(.missing, "there is no such folder", at: SourceLocation(file: folder))
        }
        guard isFolder.boolValue else {
            throw InputError(
                "it is no folder", at: SourceLocation(file: folder),
                hints: ["an archive that is made already is kept by: drover build add \(RemoteCommand.quote(folder))"])
        }
        return resolved(folder)
    }

    /// A path without links and dots. What is not there yet is seen from its folder.
    private static func resolved(_ path: String) -> String {
        if let found = realpath(path, nil) {
            defer { free(found) }
            return String(cString: found)
        }
        let (folder, name) = ((path as NSString).deletingLastPathComponent, (path as NSString).lastPathComponent)
        guard !name.isEmpty, folder != path else { return path }
        return resolved(folder.isEmpty ? "." : folder) + "/" + name
    }
}

extension PackedEntry {
    fileprivate var isAtTop: Bool { !path.contains("/") }
}
