import Crypto
import Fleet
import Values

/// The host keys to trust, as OpenSSH keeps them in `known_hosts` files (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
public struct KnownHosts: Sendable {
    /// What a line says about its key.
    enum Marker: Hashable, Sendable {
        case trusted, revoked, authority
    }

    /// One line.
    struct Entry: Hashable, Sendable {
        var marker: Marker
        var names: NamePattern
        var algorithm: String
        var blob: [UInt8]
        var location: SourceLocation
    }

    /// Entries by plain name, those that trust a hashed one, and what else has to be looked through.
    private var plain: [String: [Entry]] = [:]
    private var hashed: [Entry] = []
    private var others: [Entry] = []
    /// Files that were read, or would have been if they existed.
    let files: [String]

    /// Reads one file's text after another.
    init(texts: [(file: String, text: String)], files: [String]? = nil) {
        self.files = files ?? texts.map(\.file)
        for (file, text) in texts {
            for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                add(Self.entry(line, at: SourceLocation(file: file, line: index + 1)))
            }
        }
    }

    private mutating func add(_ entry: Entry?) {
        guard let entry else { return }
        if case .listed(let patterns) = entry.names, entry.marker != .authority, patterns.allSatisfy(\.isPlain) {
            for pattern in patterns { plain[pattern.text, default: []].append(entry) }
        } else if case .hashed = entry.names, entry.marker == .trusted {
            hashed.append(entry)
        } else {
            others.append(entry)
        }
    }

    static func entry(_ line: Substring, at location: SourceLocation) -> Entry? {
        var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })[...]
        var marker = Marker.trusted
        switch words.first {
        case nil: return nil
        case "@revoked": marker = .revoked
        case "@cert-authority": marker = .authority
        case let word?: if word.hasPrefix("#") || word.hasPrefix("@") { return nil }
        }
        if marker != .trusted { words.removeFirst() }
        guard words.count >= 3, let names = NamePattern(words[words.startIndex]),
            let blob = Base64Coding.bytes(String(words[words.startIndex + 2]))
        else { return nil }
        return Entry(
            marker: marker, names: names, algorithm: String(words[words.startIndex + 1]), blob: blob,
            location: location)
    }

    /// The name a host is looked up by: its address, with the port unless that is 22.
    public static func name(of address: String, port: UInt16) -> String {
        port == 22 ? address.lowercased() : "[\(address.lowercased())]:\(port)"
    }

    /// The name that an endpoint's keys are under.
    static func name(of endpoint: Endpoint) -> String {
        endpoint.hostKeyAlias?.lowercased() ?? name(of: endpoint.address, port: endpoint.port)
    }

    /// What the inventory says about a host whose keys it names.
    static func pinned(by endpoint: Endpoint) -> Matches {
        let name = name(of: endpoint)
        let entries = endpoint.pinnedHostKeys.compactMap { pin in
            entry("\(name) \(pin)"[...], at: SourceLocation(file: "drover_host_key in the inventory"))
        }
        return Matches(name: name, entries: entries, files: [], isPinned: true)
    }

    /// What the files say about a host.
    func matches(for endpoint: Endpoint) -> Matches {
        let name = Self.name(of: endpoint)
        return Matches(name: name, entries: unhashed(name) + hashed.filter { $0.names.matches(name) }, files: files)
    }

    /// What the files say about a host, of hashed lines only the first that are found.
    ///
    /// Each hashed line has to be tried by itself. For thousands of hosts in files of thousands of lines that takes longer
    /// than connecting does, and hosts are often asked for in the order in which they came into the file.
    ///
    /// - Parameter place: Where to begin among the hashed lines, and then where to begin for the next host.
    func firstMatches(for endpoint: Endpoint, from place: inout Int) -> Matches {
        let name = Self.name(of: endpoint)
        var entries = unhashed(name)
        if entries.isEmpty {
            let start = place
            for offset in hashed.indices {
                let index = (start + offset) % hashed.count
                if hashed[index].names.matches(name) {
                    entries.append(hashed[index])
                } else if !entries.isEmpty {
                    place = index
                    break
                }
            }
        }
        return Matches(name: name, entries: entries, files: files)
    }

    private func unhashed(_ name: String) -> [Entry] {
        (plain[name] ?? []) + others.filter { $0.names.matches(name) }
    }
}

/// Which hosts a line of known_hosts is about.
enum NamePattern: Hashable, Sendable {
    /// `|1|salt|HMAC-SHA1 of the name`, each in base64.
    case hashed(HashedName)
    /// Names and wildcards.
    case listed([Wildcard])

    struct Wildcard: Hashable, Sendable {
        var text: String
        var isNegated: Bool
        var isPlain: Bool { !isNegated && !text.contains { $0 == "*" || $0 == "?" } }
    }

    init?(_ word: Substring) {
        guard word.hasPrefix("|") else {
            let patterns = word.split(separator: ",").map {
                Wildcard(text: ($0.hasPrefix("!") ? $0.dropFirst() : $0).lowercased(), isNegated: $0.hasPrefix("!"))
            }
            self = .listed(patterns)
            return
        }
        let parts = word.split(separator: "|")
        guard parts.count == 3, parts[0] == "1", let salt = Base64Coding.bytes(String(parts[1])),
            let digest = Base64Coding.bytes(String(parts[2]))
        else { return nil }
        self = .hashed(HashedName(salt: salt, digest: digest))
    }

    /// Patterns of a `Host` line of ssh_config, for which small letters and capitals differ.
    init(exactly patterns: [String]) {
        self = .listed(
            patterns.map {
                Wildcard(text: $0.hasPrefix("!") ? String($0.dropFirst()) : $0, isNegated: $0.hasPrefix("!"))
            })
    }

    func matches(_ name: String) -> Bool {
        switch self {
        case .hashed(let hashed): return hashed.matches(name)
        case .listed(let patterns):
            let name = Array(name.utf8)
            let hits = patterns.filter { Self.matches(Array($0.text.utf8), name) }
            return !hits.isEmpty && !hits.contains(where: \.isNegated)
        }
    }

    /// Goes back to the last star alone: what earlier ones took makes no difference, and no pattern takes long.
    private static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        var (place, position) = (0, 0)
        var star: (place: Int, position: Int)?
        while position < name.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                star = (place, position)
                place += 1
            } else if place < pattern.count, [name[position], UInt8(ascii: "?")].contains(pattern[place]) {
                (place, position) = (place + 1, position + 1)
            } else if let last = star {
                star = (last.place, last.position + 1)
                (place, position) = (last.place + 1, last.position + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

/// A name that only its HMAC-SHA1 under a salt is known of (RFC 2104).
///
/// Every host is looked for in every such line: the salt is hashed once, and not again for each of them.
struct HashedName: Hashable, Sendable {
    private let digest: [UInt8]
    private let inner: Insecure.SHA1
    private let outer: Insecure.SHA1

    init(salt: [UInt8], digest: [UInt8]) {
        self.digest = digest
        let block = Insecure.SHA1.blockByteCount
        let key = salt.count > block ? Array(Insecure.SHA1.hash(data: salt)) : salt
        let padded = key + [UInt8](repeating: 0, count: block - key.count)
        var (inner, outer) = (Insecure.SHA1(), Insecure.SHA1())
        inner.update(data: padded.map { $0 ^ 0x36 })
        outer.update(data: padded.map { $0 ^ 0x5C })
        (self.inner, self.outer) = (inner, outer)
    }

    func matches(_ name: String) -> Bool {
        var (inner, outer) = (inner, outer)
        var name = name
        name.withUTF8 { inner.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        inner.finalize().withUnsafeBytes { outer.update(bufferPointer: $0) }
        return outer.finalize().withUnsafeBytes { $0.elementsEqual(digest) }
    }

    static func == (one: Self, other: Self) -> Bool {
        // The states come from the salt, and two salts never make the same digest of one name.
        one.digest == other.digest
    }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}
