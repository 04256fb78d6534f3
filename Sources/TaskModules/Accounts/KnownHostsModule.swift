import Crypto
import Fleet
import Foundation
import OrderedCollections
import Values

/// Host keys that an SSH client of the host trusts.
struct KnownHostsModule: TaskModule {
    /// Parameters of `known_hosts`. New names are not hashed; hashed ones that are there are recognised.
    static let specification = ModuleSpecification(
        "known_hosts",
        parameters: [
            .init("name", aliases: ["host"], required: true), .init("key"), .init("path", .path),
            .init("hash_host", .bool), .init("state", choices: ["absent", "present"]),
        ])

    private let name: String
    private let key: KnownHost?
    private let path: HostPath
    private let isAbsent: Bool
    private let written: Value

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        let name = try arguments.required("name").lowercased()
        self.name = name
        path = HostPath(try arguments.path("path") ?? "~/.ssh/known_hosts")
        isAbsent = try arguments.string("state") == "absent"
        let text = try arguments.string("key")
        written = text.map(Value.string) ?? .null
        key = try text.map { text in
            guard let key = KnownHost(text), key.isAbout(name) else {
                throw arguments.wrong("key", "must be a line of known_hosts that begins with '\(name)'")
            }
            return key
        }
        if key == nil, !isAbsent { throw arguments.wrong("key", "is needed unless state is 'absent'") }
        if try arguments.bool("hash_host") { throw arguments.wrong("hash_host", "is not supported") }
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        path.resolved(snapshot).map { [.content($0), .path($0), .session] } ?? path.probes()
    }

    func step(_ snapshot: Snapshot) throws -> Step {
        let path = path.resolved(snapshot) ?? path.written
        let before = snapshot.content(path).map { String(decoding: $0, as: UTF8.self) }
        let lines = (before ?? "").pythonLines
        let after = isAbsent ? removing(from: lines) : adding(to: lines)
        var fields: Variables = ["name": .string(name), "path": .string(path)]
        fields["state"] = .string(isAbsent ? "absent" : "present")
        (fields["key"], fields["hash_host"]) = (written, .bool(false))
        let text = after == lines ? before ?? "" : after.map { $0 + "\n" }.joined()
        fields["diff"] = .map([
            "before": .string(before ?? ""), "after": .string(text),
            "before_header": .string(before == nil ? "/dev/null" : path), "after_header": .string(path),
        ])
        guard after != lines else {
            if let state = snapshot.path(path) { fields.merge(state.resultFields) { $1 } }
            return .converged(TaskResult(fields: fields))
        }
        let write = FileWrite(
            path: path, existing: snapshot.path(path), attributes: FileAttributes(), session: snapshot.session)
        fields.merge(write.after(size: text.utf8.count).resultFields) { $1 }
        var change = Change(
            script: try write.script(), predicted: TaskResult(changed: true, fields: fields), touches: .paths([path]))
        change.input = Array(text.utf8)
        change.diffs = [Diff(path, before: before, after: text)]
        return .change(change)
    }

    private func removing(from lines: [String]) -> [String] {
        lines.filter { line in
            guard let known = KnownHost(line), known.isAbout(name) else { return true }
            return key.map { !known.isSame(as: $0) } ?? false
        }
    }

    /// A key of the same type gives way to the new one, which stands at the end.
    private func adding(to lines: [String]) -> [String] {
        guard let key else { return lines }
        for (index, line) in lines.enumerated() {
            guard let known = KnownHost(line), known.isAbout(name) else { continue }
            if known.isSame(as: key) { return lines }
            guard known.marker.isEmpty, known.type == key.type else { continue }
            return lines[..<index] + lines[(index + 1)...] + [key.line]
        }
        return lines + [key.line]
    }
}

/// One line of `known_hosts`.
struct KnownHost: Sendable {
    /// The line as written.
    let line: String
    /// `@cert-authority`, `@revoked` or nothing.
    let marker: String
    /// Kind of key.
    let type: String
    private let hosts: String
    private let blob: String

    /// Reads a line; `nil` for comments and what is no entry.
    init?(_ line: String) {
        var words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let first = words.first, !first.hasPrefix("#") else { return nil }
        marker = first.hasPrefix("@") ? words.removeFirst() : ""
        guard words.count >= 3 else { return nil }
        (hosts, type, blob) = (words[0], words[1], words[2])
        self.line = line.stripped
    }

    /// Whether the entry is about `name`, by name, by pattern or by hash.
    func isAbout(_ name: String) -> Bool {
        if hosts.hasPrefix("|1|") { return hash(of: name) }
        let patterns = hosts.lowercased().split(separator: ",").map(String.init)
        let fits = { (pattern: String) in FileNamePattern(pattern, hasSets: false).matches(name) }
        return !patterns.contains { $0.hasPrefix("!") && fits(String($0.dropFirst())) }
            && patterns.contains(where: fits)
    }

    private func hash(of name: String) -> Bool {
        let parts = hosts.split(separator: "|").map(String.init)
        guard parts.count == 3, let salt = Data(base64Encoded: parts[1]), let digest = Data(base64Encoded: parts[2])
        else {
            return false
        }
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Data(name.utf8), using: SymmetricKey(data: salt))
        return Data(code) == digest
    }

    /// Whether both say the same of the same host; a hashed host is what it was looked up as.
    func isSame(as other: KnownHost) -> Bool {
        marker == other.marker && type == other.type && blob == other.blob
            && (hosts == other.hosts || (hosts.hasPrefix("|1|") && other.hosts.hasPrefix("|1|")))
    }
}
