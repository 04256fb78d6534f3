import Fleet
import Foundation

/// A key pair in OpenSSH's form.
struct KeyPair: Sendable {
    var secret: Secret<String>
    /// Type, key and comment in one line.
    var shown: String

    /// Type and key, as `known_hosts` and `authorized_keys` want them.
    var typeAndKey: String { shown.split(separator: " ").prefix(2).joined(separator: " ") }
}

/// The lab's keys: one pair to log in with, one pair for each host. Made once, kept until the lab goes.
struct LabKeys: Sendable {
    let identity: LabIdentity

    /// The pair to log in with.
    func login() async throws(LabError) -> KeyPair {
        try await pair(at: identity.identityFile, comment: "drover lab \(identity.name)")
    }

    /// The pair of `host`; outlives the host's disk, so that `known_hosts` stays true.
    func key(of host: HostName) async throws(LabError) -> KeyPair {
        try await pair(at: "\(identity.folder)/keys/\(host)", comment: host.description)
    }

    /// `known_hosts` for `hosts`, by address and by name.
    static func knownHosts(_ hosts: [(LabHost, KeyPair)]) -> String {
        hosts.map { host, key in
            let names = [host.address.description, host.name.description]
            let shown = host.port == 22 ? names : names.map { "[\($0)]:\(host.port)" }
            return "\(shown.joined(separator: ",")) \(key.typeAndKey)\n"
        }.joined()
    }

    private func pair(at path: String, comment: String) async throws(LabError) -> KeyPair {
        if !FileManager.default.fileExists(atPath: path) {
            // Renamed at the end, the public half first: a killed controller leaves no half of a pair behind.
            let script = """
                rm -f "$1.new" "$1.new.pub"
                mkdir -p "${1%/*}"
                ssh-keygen -q -t ed25519 -N '' -C "$2" -f "$1.new"
                mv "$1.new.pub" "$1.pub"
                mv "$1.new" "$1"
                """
            try await Tool.script(script, [path, comment]).run()
        }
        do {
            return KeyPair(
                secret: Secret(try String(contentsOfFile: path, encoding: .utf8)),
                shown: try String(contentsOfFile: path + ".pub", encoding: .utf8))
        } catch { throw LabError(.stuck, "could not read \(path): \(error.localizedDescription)") }
    }
}
