import CLibSSH2
public import Fleet
import Foundation
import Glibc
import Values

/// A known_hosts file that Drover adds to.
public struct KnownHostsFile: Sendable {
    /// Where it is.
    public let path: String

    /// The file at `path`, which may not exist yet.
    public init(path: String) { self.path = HomeFolder.expanding(path) }

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
        return try put(keys, after: old, insteadOf: old, in: target)
    }

    /// As ``add(_:)``, without the lines that have another key of the same kind under the same name.
    ///
    /// - Throws: ``InputError`` as ``add(_:)`` does, and with its place for a line that counts for other hosts as well.
    @discardableResult
    public func replace(_ keys: [(name: String, key: HostKey)]) throws(InputError) -> Int {
        let target = resolvingLinks()
        let old = try existing(target)
        return try put(keys, after: try without(rivals: keys, old), insteadOf: old, in: target)
    }

    private func without(
        rivals keys: [(name: String, key: HostKey)], _ text: String
    ) throws(InputError) -> String {
        var kept: [Substring] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let location = SourceLocation(file: path, line: index + 1)
            guard let entry = KnownHosts.entry(line, at: location), entry.marker == .trusted,
                let rival = keys.first(where: { entry.isRival(of: $0.key, named: $0.name) })
            else {
                kept.append(line)
                continue
            }
            if case .listed(let patterns) = entry.names, patterns.contains(where: { $0.text != rival.name }) {
                throw InputError(
                    "the old key of '\(rival.name)' stands in a line for other names as well", at: location,
                    hints: ["take it out by hand"])
            }
        }
        return kept.joined(separator: "\n")
    }

    private func put(
        _ keys: [(name: String, key: HostKey)], after kept: String, insteadOf old: String, in target: String
    ) throws(InputError) -> Int {
        let lines = keys.map { "\($0.name) \($0.key.algorithm.rawValue) \($0.key.base64)" }
        let present = Set(kept.split(whereSeparator: \.isNewline).map(String.init))
        let fresh = lines.reduce(into: [String]()) { list, line in
            if !present.contains(line), !list.contains(line) { list.append(line) }
        }
        let separator = kept.isEmpty || kept.hasSuffix("\n") ? "" : "\n"
        let text = fresh.isEmpty ? kept : kept + separator + fresh.joined(separator: "\n") + "\n"
        if text != old { try replace(target, with: Array(text.utf8)) }
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

extension KnownHosts.Entry {
    /// Whether it has another key of the same kind for a host.
    func isRival(of key: HostKey, named name: String) -> Bool {
        algorithm == key.algorithm.rawValue && blob != key.blob && names.matches(name)
    }
}
