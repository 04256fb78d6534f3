public import Fleet
import Foundation
import Glibc

/// A known_hosts file that Drover adds to.
public struct KnownHostsFile: Sendable {
    /// Where it is.
    public let path: String

    /// The file at `path`, which may not exist yet.
    public init(path: String) { self.path = Surroundings.expandingHome(path) }

    /// The file that `drover trust` writes for an endpoint: the first of its own, else the user's.
    public init(for endpoint: Endpoint) { self.init(path: endpoint.knownHostsFiles.first ?? KnownHosts.userFile) }

    /// Adds a line for each key that the file doesn't have under that name; lines that are there stay as they are.
    ///
    /// The file is replaced at once or not at all: a temporary file beside it is written, synced and renamed.
    /// - Returns: How many lines were added.
    /// - Throws: ``InputError`` when the file can't be read or written.
    @discardableResult
    public func add(_ keys: [(name: String, key: HostKey)]) throws(InputError) -> Int {
        let target = resolvingLinks()
        let old = try existing(target)
        let lines = keys.map { "\($0.name) \($0.key.algorithm.rawValue) \($0.key.base64)" }
        let present = Set(old.split(whereSeparator: \.isNewline).map(String.init))
        let fresh = lines.reduce(into: [String]()) { list, line in
            if !present.contains(line), !list.contains(line) { list.append(line) }
        }
        guard !fresh.isEmpty else { return 0 }
        let separator = old.isEmpty || old.hasSuffix("\n") ? "" : "\n"
        try replace(target, with: Array((old + separator + fresh.joined(separator: "\n") + "\n").utf8))
        return fresh.count
    }

    private func resolvingLinks() -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    private func existing(_ target: String) throws(InputError) -> String {
        guard access(target, F_OK) == 0 else { return "" }
        guard let data = FileManager.default.contents(atPath: target) else { throw failure("read") }
        return String(decoding: data, as: UTF8.self)
    }

    private func replace(_ target: String, with bytes: [UInt8]) throws(InputError) {
        let folder = URL(fileURLWithPath: target).deletingLastPathComponent().path
        if access(folder, F_OK) != 0, mkdir(folder, 0o700) != 0 { throw failure("create the folder of") }
        var status = stat()
        let mode = stat(target, &status) == 0 ? status.st_mode & 0o777 : 0o600
        let temporary = "\(target).\(ShellLaunch.randomWord())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("write beside") }
        defer { close(descriptor) }
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0,
            rename(temporary, target) == 0
        else {
            let error = failure("write")
            unlink(temporary)
            throw error
        }
    }

    private func failure(_ action: String) -> InputError {
        InputError(
            "cannot \(action) the known hosts file: \(describe(errorNumber: errno))", at: SourceLocation(file: path))
    }
}
