public import Fleet

/// Takes the keys that hosts show into known_hosts: in which order hosts are asked, which keys are new, what is written.
public struct HostKeyAdoption: Sendable {
    private let replaces: Bool

    /// - Parameter replaces: Whether keys other than those in known_hosts take their place.
    public init(replacing replaces: Bool) { self.replaces = replaces }

    /// The hosts and those on the way to them, each once; the ones reached directly first, since the others are seen through
    /// them.
    public static func rounds(_ endpoints: [Endpoint]) -> [[Endpoint]] {
        var rounds: [[Endpoint]] = []
        var seen: Set<[String]> = []
        let hops = endpoints.flatMap { endpoint in
            endpoint.jumps.indices.map { index in
                var hop = endpoint.jumps[index]
                hop.jumps = Array(endpoint.jumps[..<index])
                return hop
            }
        }
        for endpoint in endpoints + hops {
            let name = [endpoint.host.description, endpoint.address, String(endpoint.port)]
            guard seen.insert(name).inserted else { continue }
            while rounds.count <= endpoint.jumps.count { rounds.append([]) }
            rounds[endpoint.jumps.count].append(endpoint)
        }
        return rounds.filter { !$0.isEmpty }
    }

    /// Those of `scans` whose keys are to be written: new ones, and others where they are replaced. Keys that the inventory
    /// names need no file.
    public func fresh(_ scans: [HostKeyScanner.Scan]) -> [HostKeyScanner.Scan] {
        scans.filter { scan in
            let isNew = scan.conflict == nil && scan.keys.count > scan.known.count
            return (isNew || isReplaced(scan)) && scan.endpoint.pinnedHostKeys.isEmpty
        }
    }

    /// Why keys of `scans` are not to be had, or not to be trusted.
    public func refusals(_ scans: [HostKeyScanner.Scan]) -> [(host: HostName, error: TransportError)] {
        scans.filter { !isReplaced($0) }.compactMap { scan in
            (scan.conflict ?? scan.fault).map { (scan.endpoint.host, $0) }
        }
    }

    private func isReplaced(_ scan: HostKeyScanner.Scan) -> Bool { replaces && !scan.rivals.isEmpty }

    /// Writes the keys of `scans`, each file once.
    /// - Returns: How many keys each file got.
    /// - Throws: ``InputError`` when a file can't be read or written; those before it were.
    public func write(_ scans: [HostKeyScanner.Scan]) throws(InputError) -> [(path: String, count: Int)] {
        var written: [(path: String, count: Int)] = []
        let files = Dictionary(grouping: scans) { scan in
            scan.rivals.first?.file ?? KnownHostsFile(for: scan.endpoint).path
        }
        for (path, scans) in files.sorted(by: { $0.key < $1.key }) {
            let keys = scans.flatMap { scan in
                scan.keys.filter { !scan.known.contains($0) }.map { (name: scan.name, key: $0) }
            }
            let file = KnownHostsFile(path: path)
            written.append((path, replaces ? try file.replace(keys) : try file.add(keys)))
        }
        return written
    }
}
