public import Fleet
import Foundation
import Synchronization
import Values

/// known_hosts files, each set of them read once.
final class HostKeyStore: Sendable {
    private struct Reading {
        var known: KnownHosts
        /// Where the next search begins.
        var place = 0
    }

    private let read = Mutex<[[String]: Reading]>([:])

    /// Reads all files again from here on.
    func forget() { read.withLock { $0 = [:] } }

    /// What is known about an endpoint's key; nothing is read when it isn't to be checked.
    func known(for endpoint: Endpoint) async throws(TransportError) -> KnownHosts.Matches {
        try matches(for: endpoint) { reading, _ in reading.known.matches(for: endpoint) }
    }

    /// As ``known(for:)``, found sooner and perhaps not all: a key that these lines refuse is to be looked for in all.
    func firstKnown(for endpoint: Endpoint) async throws(TransportError) -> KnownHosts.Matches {
        try matches(for: endpoint) { reading, files in
            var place = reading.place
            let matches = reading.known.firstMatches(for: endpoint, from: &place)
            read.withLock { $0[files]?.place = place }
            return matches
        }
    }

    private func matches(
        for endpoint: Endpoint, _ search: (Reading, [String]) -> KnownHosts.Matches
    ) throws(TransportError) -> KnownHosts.Matches {
        if !endpoint.pinnedHostKeys.isEmpty { return KnownHosts.pinned(by: endpoint) }
        guard endpoint.checksHostKey else { return KnownHosts.Matches(name: endpoint.address, entries: [], files: []) }
        let files = KnownHosts.files(for: endpoint)
        do throws(InputError) {
            return search(try reading(of: files), files)
        } catch {
            throw TransportError(.hostKeyUnknown, host: endpoint.host, error.message, hints: error.hints)
        }
    }

    private func reading(of files: [String]) throws(InputError) -> Reading {
        let result: Result<Reading, InputError> = read.withLock { read in
            if let reading = read[files] { return .success(reading) }
            do throws(InputError) {
                let reading = Reading(known: try KnownHosts.read(files))
                read[files] = reading
                return .success(reading)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension KnownHosts {
    /// The files that count for an endpoint: its own, else the user's and the system's.
    static func files(for endpoint: Endpoint) -> [String] {
        let files = endpoint.knownHostsFiles
        return ((files.isEmpty ? Endpoint.usualKnownHostsFiles : files) + endpoint.fallbackKnownHostsFiles)
            .map(HomeFolder.expanding)
    }

    /// The user's own file.
    static var userFile: String { HomeFolder.expanding("~/.ssh/known_hosts") }

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
