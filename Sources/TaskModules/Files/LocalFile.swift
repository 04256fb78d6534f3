import Fleet
import Foundation
import Values

/// A file on the controller that is to be copied.
public struct LocalFile: Sendable, Equatable {
    /// What it is.
    public enum Kind: Sendable, Equatable {
        /// A regular file.
        case file
        /// A folder.
        case directory
        /// A symbolic link with what it points to.
        case link(String)
    }

    /// Path below the folder that was asked for; empty for the path itself.
    public var relativePath: String
    /// What it is.
    public var kind: Kind
    /// Permission bits.
    public var mode: UInt16
    /// Bytes.
    public var size: Int

    /// A file found below a folder.
    public init(_ relativePath: String, _ kind: Kind, mode: UInt16, size: Int = 0) {
        self.relativePath = relativePath
        self.kind = kind
        self.mode = mode
        self.size = size
    }

    /// The file at `path` alone, or the folder and everything below it, folders before what they hold, sorted by name.
    /// - Throws: ``InputError`` when nothing can be read there.
    public static func all(at path: String, followsLinks: Bool) throws -> [LocalFile] {
        guard let top = try entry(path, "", followsLinks: true) else { throw InputError("no file '\(path)'") }
        guard top.kind == .directory else { return [top] }
        return [top] + (try below(path, "", followsLinks: followsLinks, depth: 0))
    }

    private static func below(
        _ folder: String, _ prefix: String, followsLinks: Bool, depth: Int
    ) throws -> [LocalFile] {
        guard depth < 64 else { throw InputError("folder '\(folder)' is too deep; a link may lead in a circle") }
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().flatMap { name in
            let (path, relative) = (folder + "/" + name, prefix.isEmpty ? name : prefix + "/" + name)
            guard let found = try entry(path, relative, followsLinks: followsLinks) else { return [LocalFile]() }
            guard found.kind == .directory else { return [found] }
            return [found] + (try below(path, relative, followsLinks: followsLinks, depth: depth + 1))
        }
    }

    private static func entry(_ path: String, _ relative: String, followsLinks: Bool) throws -> LocalFile? {
        var information = stat()
        var isFound = followsLinks && stat(path, &information) == 0
        // A link that leads nowhere, or to itself, is a link whoever asks.
        if !isFound { isFound = lstat(path, &information) == 0 }
        guard isFound else {
            throw InputError("cannot read '\(path)': \(String(cString: strerror(errno)))")
        }
        let mode = UInt16(truncatingIfNeeded: information.st_mode & 0o7777)
        switch FileKind(mode: information.st_mode) {
        case .file: return LocalFile(relative, .file, mode: mode, size: Int(information.st_size))
        case .directory: return LocalFile(relative, .directory, mode: mode)
        case .link:
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: path)
            return LocalFile(relative, .link(target), mode: mode)
        default: return nil
        }
    }
}
