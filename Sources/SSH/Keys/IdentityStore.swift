import Fleet
import Foundation
import Synchronization
import Values

/// Identities by the files that an endpoint names, each read once.
final class IdentityStore: Sendable {
    private struct Files: Hashable {
        var named: [String]
        var fallback: [String]
        var agent: String?
    }

    private let read = Mutex<[Files: Task<[Identity], Never>]>([:])
    private let passphrases = Mutex<[String: Secret<String>]>([:])
    /// Keys that a passphrase opened.
    let ring = KeyRing()
    private let usualAgent: String?
    private let library: SSHLibrary

    init(
        _ library: SSHLibrary = .installed, environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.library = library
        usualAgent = environment["SSH_AUTH_SOCK"]
    }

    /// The agent that holds an endpoint's keys.
    func agent(for endpoint: Endpoint) -> KeyAgent? {
        let path: String? =
            switch endpoint.identityAgent {
            case nil, "SSH_AUTH_SOCK": usualAgent
            case "none": nil
            case let named? where named.hasPrefix("$"):
                ProcessInfo.processInfo.environment[named.dropFirst().filter { !"{}".contains($0) }]
            case let path?: HomeFolder.expanding(path)
            }
        return path.flatMap { $0.isEmpty ? nil : KeyAgent(path: $0) }
    }

    /// What to offer to an endpoint, in order. Files and agents are asked where no loop has to wait for them.
    func identities(for endpoint: Endpoint) async -> [Identity] {
        let files = Files(
            named: endpoint.identityFiles, fallback: endpoint.fallbackIdentityFiles, agent: endpoint.identityAgent)
        let agent = agent(for: endpoint)
        let task = read.withLock { read in
            if let task = read[files] { return task }
            // Shared by all who ask the same, so no caller's cancellation may end it.
            let task = Task.detached { await offTheLoop { self.load(files.named, files.fallback, agent) } }
            read[files] = task
            return task
        }
        return await task.value
    }

    /// Forgets every key; files and agents are asked again from here on.
    func forget() { read.withLock { $0 = [:] } }

    /// Opens a key file's passphrase for all that will log in.
    func unlock(_ path: String, with passphrase: Secret<String>) {
        passphrases.withLock { $0[path] = passphrase }
    }

    /// What opens a key file, when that is known.
    func passphrase(of path: String) -> Secret<String>? { passphrases.withLock { $0[path] } }

    /// Key files that nothing opens yet and without which an endpoint has no way in.
    func lockedFiles(for endpoint: Endpoint) async -> [String] {
        guard endpoint.connection == .ssh, endpoint.password == nil, endpoint.passphrase == nil else { return [] }
        let identities = await identities(for: endpoint)
        guard !identities.contains(where: { $0.flaw == nil }) else { return [] }
        return identities.filter { $0.isLocked && passphrase(of: $0.label) == nil }.map(\.label)
    }

    /// The socket of an agent that holds those of an endpoint's keys that a passphrase opens; `nil` where there are none.
    func agentWithOpenedKeys(for endpoint: Endpoint) async -> String? {
        var agent: KeyAgent?
        for identity in await identities(for: endpoint) where identity.isLocked {
            guard let passphrase = endpoint.passphrase ?? passphrase(of: identity.label) else { continue }
            if case .opened(let holder) = await ring.open(identity.label, with: passphrase) { agent = holder }
        }
        return agent?.path
    }

    /// Whether a key file, as settings for OpenSSH name it, has a passphrase that nothing gives, as far as the name tells.
    func mayBeLocked(_ path: String) async -> Bool {
        if path.contains("%") || path.contains("$") { return true }
        let identities = await offTheLoop { self.load([path], [], self.usualAgent.map { KeyAgent(path: $0) }) }
        return identities.contains { $0.flaw == IdentityFile.lockedFlaw }
    }

    private func load(_ files: [String], _ fallback: [String], _ agent: KeyAgent?) -> [Identity] {
        let held = agent?.keys(library) ?? []
        guard files.isEmpty else {
            return files.map { path in
                let identity = load(path) ?? Identity(source: .file([]), label: path, flaw: "can't be read")
                guard identity.flaw == IdentityFile.lockedFlaw else { return identity }
                return held.first { $0.publicKey == identity.publicKey } ?? identity
            }
        }
        let own = (["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"] + fallback).compactMap(load)
        let fresh = own.filter { identity in !held.contains { $0.publicKey == identity.publicKey } }
        let usable = (held + fresh).filter { $0.flaw == nil }
        return usable + (held + fresh).filter { $0.flaw != nil }
    }

    private func load(_ path: String) -> Identity? {
        guard let data = FileManager.default.contents(atPath: HomeFolder.expanding(path)) else { return nil }
        var identity = IdentityFile.identity(Array(data), path: path, library)
        identity.hasCertificate = FileManager.default.fileExists(atPath: HomeFolder.expanding(path) + "-cert.pub")
        return identity
    }
}
