public import Fleet
import Foundation
import Synchronization

/// known_hosts files, each set of them read once.
final class HostKeyStore: Sendable {
    private let read = Mutex<[[String]: KnownHosts]>([:])

    /// What is known about an endpoint's key; nothing is read when it isn't to be checked.
    func known(for endpoint: Endpoint) async throws(TransportError) -> KnownHosts.Matches {
        if !endpoint.pinnedHostKeys.isEmpty { return KnownHosts.pinned(by: endpoint) }
        guard endpoint.checksHostKey else { return KnownHosts.Matches(name: endpoint.address, entries: [], files: []) }
        let files = KnownHosts.files(for: endpoint)
        let result: Result<KnownHosts, InputError> = read.withLock { read in
            if let known = read[files] { return .success(known) }
            do throws(InputError) {
                let known = try KnownHosts.read(files)
                read[files] = known
                return .success(known)
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let known): return known.matches(for: endpoint)
        case .failure(let error):
            throw TransportError(.hostKeyUnknown, host: endpoint.host, error.message, hints: error.hints)
        }
    }
}

extension KnownHosts {
    /// The files that count for an endpoint: its own, else the user's and the system's.
    static func files(for endpoint: Endpoint) -> [String] {
        let files = endpoint.knownHostsFiles
        return ((files.isEmpty ? Endpoint.usualKnownHostsFiles : files) + endpoint.fallbackKnownHostsFiles)
            .map(Surroundings.expandingHome)
    }

    /// The user's own file.
    static var userFile: String { Surroundings.expandingHome("~/.ssh/known_hosts") }

    /// Reads files; one that doesn't exist has no entries.
    /// - Throws: ``InputError`` when one exists but can't be read.
    public static func read(_ files: [String]) throws(InputError) -> KnownHosts {
        var texts: [(file: String, text: String)] = []
        for file in files {
            do {
                // Comments may be in any encoding; names and keys are ASCII.
                texts.append((file, String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)))
            } catch CocoaError.fileReadNoSuchFile {
                continue
            } catch {
                throw InputError(
                    "cannot read known hosts: \(error.localizedDescription)", at: SourceLocation(file: file))
            }
        }
        return KnownHosts(texts: texts, files: files)
    }
}
