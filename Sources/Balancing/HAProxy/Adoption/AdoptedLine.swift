import Fleet

/// A `server` line of somebody's own file: what Drover may change of it, and where that stands.
struct AdoptedLine: Hashable, Sendable {
    /// Where it stands in the file, from 0.
    let place: Int
    let bytes: [UInt8]
    /// What it says.
    let server: PoolFile.Server
    private let address: Range<Int>
    private let weight: (keyword: Range<Int>, value: Range<Int>)?
    private let disabled: [Range<Int>]
    private let note: Range<Int>?
    private let wordsEnd: Int
    private let textEnd: Int

    /// - Throws: What is no member's line, or no line that could be changed.
    init(_ bytes: [UInt8], at place: Int) throws(AdoptionError) {
        let line = BackendLine(bytes)
        let words = line.words
        let reading = try Reading(Self.member(words, place), words.dropFirst(3), place)
        var server = reading.server
        // A comment that a person wrote about a server in rotation is no note of ours.
        note = server.isDisabled ? Self.note(bytes, line) : nil
        let comment = note.map { String(decoding: bytes[$0], as: UTF8.self) } ?? ""
        if server.isDisabled { server.keptOut = comment == Self.mark ? nil : KeptOutNote.read(comment) ?? Self.byOwner }
        (self.place, self.bytes, self.server, address) = (place, bytes, server, words[2].range)
        (weight, disabled) = (reading.weight, reading.disabled)
        (wordsEnd, textEnd) = (words[words.count - 1].range.upperBound, line.textEnd)
    }

    private static func member(_ words: [BackendLine.Word], _ place: Int) throws(AdoptionError) -> PoolMember {
        // A name that no host has is told as that.
        guard words.count >= 3, let host = try? HostName(words[1].text) else {
            throw AdoptionError(place, "a server whose name no host can have", ["name it as its host in the inventory"])
        }
        guard let address = ServerAddress(words[2].text), address.isLiteral, words[2].text == "\(address)" else {
            throw AdoptionError(
                place, "server \(host) is at '\(words[2].text)', and not at an IP address with a port",
                ["write its address and port, such as 10.0.0.1:8080"])
        }
        return PoolMember(host: host, address: address.address, port: address.port)
    }

    /// What stands behind the address.
    private struct Reading {
        var server: PoolFile.Server
        var weight: (keyword: Range<Int>, value: Range<Int>)?
        var disabled: [Range<Int>] = []
        private let place: Int

        init(_ member: PoolMember, _ words: ArraySlice<BackendLine.Word>, _ place: Int) throws(AdoptionError) {
            (server, self.place) = (PoolFile.Server(member: member), place)
            var options: [String] = []
            var rest = words
            while let word = rest.popFirst() {
                switch word.text {
                case "disabled": disabled.append(word.range)
                case "weight": try weigh(word, rest.popFirst())
                case "cookie": server.cookie = rest.popFirst()?.written
                case "backup":
                    throw AdoptionError(
                        place, "server \(member.host) is a backup, and members of a pool are all alike",
                        ["give it a backend of its own, which requests go to by use_backend … if { nbsrv(…) eq 0 }"])
                case "resolvers":
                    throw AdoptionError(
                        place,
                        "server \(member.host) has its address from resolvers, and Drover writes the inventory's",
                        ["take 'resolvers' out of the line"])
                default: options.append(word.written)
                }
            }
            server.isDisabled = !disabled.isEmpty
            server.options = options
        }

        private mutating func weigh(
            _ word: BackendLine.Word, _ value: BackendLine.Word?
        ) throws(AdoptionError) {
            guard let value, let number = Int(value.text), (0...256).contains(number), weight == nil else {
                throw AdoptionError(place, "server \(server.member.host) has no one weight from 0 to 256")
            }
            (weight, server.weight) = ((word.range, value.range), number)
        }
    }

    /// Behind what Drover took out itself, to bring it back: what else is disabled was so by the file's owner.
    private static let mark = "# out of rotation for Drover"
    private static let byOwner = KeptOut(by: "the file's owner", isMaintenance: true)

    /// What stands behind the words of `server`.
    static func comment(_ server: PoolFile.Server) -> String {
        guard server.isDisabled else { return "" }
        return server.keptOut.map { $0 == byOwner ? "" : KeptOutNote.text($0) } ?? mark
    }

    /// Where who took it out is written, behind whatever else the comment says.
    private static func note(_ bytes: [UInt8], _ line: BackendLine) -> Range<Int>? {
        (line.commentStart..<max(line.commentStart, line.textEnd)).first { start in
            guard bytes[start] == UInt8(ascii: "#") else { return false }
            let text = String(decoding: bytes[start..<line.textEnd], as: UTF8.self)
            return text == mark || KeptOutNote.read(text) != nil
        }.map { $0..<line.textEnd }
    }

    /// The line when it says `wanted`: only what differs is written anew.
    func saying(_ wanted: PoolFile.Server) -> [UInt8] {
        if wanted == server { return bytes }
        var edits: [(Range<Int>, String)] = []
        if wanted.member != server.member {
            edits.append((address, "\(ServerAddress(address: wanted.member.address, port: wanted.member.port))"))
        }
        var added = ""
        if wanted.weight != server.weight {
            switch (weight, wanted.weight) {
            case (let weight?, let number?): edits.append((weight.value, "\(number)"))
            case (let weight?, nil): edits.append((spaced(weight.keyword.lowerBound..<weight.value.upperBound), ""))
            case (nil, let number?): added += " weight \(number)"
            case (nil, nil): break
            }
        }
        if wanted.isDisabled, disabled.isEmpty { added += " disabled" }
        if !wanted.isDisabled { edits += disabled.map { (spaced($0), "") } }
        if !added.isEmpty { edits.append((wordsEnd..<wordsEnd, added)) }
        let comment = Self.comment(wanted)
        if comment != Self.comment(server) {
            edits.append((note.map(spaced) ?? textEnd..<textEnd, comment.isEmpty ? "" : " \(comment)"))
        }
        var result = bytes
        // From the end, so that places stay what they are.
        let ordered = edits.enumerated().sorted { ($0.1.0.lowerBound, $0.0) > ($1.1.0.lowerBound, $1.0) }
        for (range, text) in ordered.map(\.element) { result.replaceSubrange(range, with: Array(text.utf8)) }
        return result
    }

    /// With the spaces before it.
    private func spaced(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        while start > 0, BackendLine.isSpace(bytes[start - 1]) { start -= 1 }
        return start..<range.upperBound
    }

    static func == (left: Self, right: Self) -> Bool { (left.place, left.bytes) == (right.place, right.bytes) }
    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

/// Why a backend of somebody's own file is not taken.
struct AdoptionError: Error, Hashable {
    /// From 0; `nil` where it is about the file.
    let place: Int?
    let message: String
    let hints: [String]

    init(_ place: Int?, _ message: String, _ hints: [String] = []) {
        (self.place, self.message, self.hints) = (place, message, hints)
    }
}
