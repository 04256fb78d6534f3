import Fleet
import Values

/// Inventories in Ansible's INI format: `[group]`, `[group:children]` and `[group:vars]`.
struct INIInventory {
    let file: String

    private enum Section: String {
        case hosts, children, vars
    }

    /// A group that was spoken of, but that no section has declared yet.
    private struct Pending {
        let location: SourceLocation
        /// Groups that want it for a child; empty when only its variables were set.
        var parents: [(group: Int, location: SourceLocation)]
    }

    private struct State {
        var section = Section.hosts
        var group = InventoryAssembly.ungrouped
        var groupName = "ungrouped"
        /// By name.
        var pending: [String: Pending] = [:]
        /// The lines of this file that list hosts.
        var listings: [Listing] = []
        /// Hosts that stand twice are told this often: who has more of them has seen enough.
        var repeatsLeft = 20
    }

    private struct Listing {
        let names: [String]
        let group: Int
        let line: Int
    }

    /// Whether the first line that is neither empty nor a comment is a section's header.
    static func beginsWithSection(_ text: String) -> Bool {
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let line = strip(Substring(line))
            if line.isEmpty || line.first == "#" || line.first == ";" { continue }
            return line.first == "[" && header(line) != nil
        }
        return false
    }

    /// Reads `text` into `assembly`.
    func read(_ text: String, into assembly: inout InventoryAssembly) throws(InputError) {
        var state = State()
        var number = 0
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let line = Self.strip(Substring(line))
            guard let first = line.utf8.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { continue }
            let location = SourceLocation(file: file, line: number)
            do {
                if first == UInt8(ascii: "["), let header = Self.header(line) {
                    try open(header, at: location, &state, &assembly)
                } else {
                    try readLine(line, at: location, &state, &assembly)
                }
            } catch { try assembly.mistakes.pass(error) }
        }
        let first = state.pending.min { $0.value.location.line < $1.value.location.line }
        if let (name, what) = first { throw undeclared(name, what, assembly) }
    }

    private static func strip(_ line: Substring) -> Substring {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte) }
        var bytes = line.utf8.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return Substring(bytes)
    }

    // MARK: Sections

    /// `[name]` or `[name:kind]`, then nothing but a comment.
    private static func header(_ line: Substring) -> (name: String, kind: String?)? {
        guard line.first == "[", let close = line.firstIndex(of: "]") else { return nil }
        let rest = line[line.index(after: close)...].drop(while: \.isWhitespace)
        guard rest.isEmpty || rest.first == "#" else { return nil }
        let parts = line[..<close].dropFirst().split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, !name.contains(where: \.isWhitespace) else { return nil }
        guard parts.count == 2 else { return (String(name), nil) }
        guard !parts[1].isEmpty, parts[1].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return nil }
        return (String(name), String(parts[1]))
    }

    private func open(
        _ header: (name: String, kind: String?), at location: SourceLocation, _ state: inout State,
        _ assembly: inout InventoryAssembly
    ) throws(InputError) {
        guard let section = Section(rawValue: header.kind ?? "hosts") else {
            throw InputError(
                "the section [\(header.name):\(header.kind ?? "")] is of an unknown kind", at: location,
                hints: ["kinds are [\(header.name)], [\(header.name):children] and [\(header.name):vars]"])
        }
        let isKnown = assembly.groupIndex[header.name] != nil
        if !isKnown, section == .vars, state.pending[header.name] == nil {
            state.pending[header.name] = Pending(location: location, parents: [])
        }
        state.group = assembly.group(header.name, at: location)
        state.groupName = header.name
        state.section = section
        if section != .vars { try settle(header.name, &state, &assembly) }
    }

    /// A group that others wait for is declared: it becomes their child, and they that of whoever waits for them.
    private func settle(_ name: String, _ state: inout State, _ assembly: inout InventoryAssembly) throws(InputError) {
        guard let what = state.pending.removeValue(forKey: name) else { return }
        let child = assembly.group(name, at: what.location)
        for parent in what.parents { try assembly.addChild(child, to: parent.group, at: parent.location) }
    }

    private func undeclared(_ name: String, _ what: Pending, _ assembly: InventoryAssembly) -> InputError {
        let known = assembly.groupIndex.keys.filter { $0 != name }
        var hints = NearestNames.hints(for: name, among: known)
        if let parent = what.parents.last {
            if hints.isEmpty { hints = ["declare it with a section [\(name)], which may be empty"] }
            return InputError(
                "[\(assembly.groups[parent.group].name):children] names the group '\(name)', which no section declares",
                at: parent.location, hints: hints)
        }
        if hints.isEmpty { hints = ["declare the group with a section [\(name)], which may be empty"] }
        return InputError(
            "[\(name):vars] sets variables of a group that no section declares", at: what.location, hints: hints)
    }

    // MARK: Lines

    private func readLine(
        _ line: Substring, at location: SourceLocation, _ state: inout State, _ assembly: inout InventoryAssembly
    ) throws(InputError) {
        if line.first == "[", line.last == "]" {
            throw InputError(
                "'\(line)' is no section", at: location,
                hints: ["sections are [group], [group:children] and [group:vars], without blanks"])
        }
        switch state.section {
        case .hosts: try readHost(line, at: location, &state, &assembly)
        case .vars: try readVariable(line, at: location, state, &assembly)
        case .children: try readChild(line, at: location, &state, &assembly)
        }
    }

    private func readHost(
        _ line: Substring, at location: SourceLocation, _ state: inout State, _ assembly: inout InventoryAssembly
    ) throws(InputError) {
        let words = try words(of: line, at: location)
        guard let pattern = words.first else { return }
        if pattern == "---" {
            throw InputError(
                "'---' begins a YAML file, but this one is read as INI", at: location,
                hints: ["give the file a name that ends in .yml"])
        }
        let (names, port) = try HostPatternLine.expand(pattern, at: location)
        let variables = try assignments(words.dropFirst(), at: location)
        let repeated = try assembly.addHosts(names, port: port, variables: variables, to: state.group, at: location)
        for host in repeated where state.repeatsLeft > 0 {
            let name = assembly.hosts[host].name.description
            state.repeatsLeft -= 1
            // None when another source lists it there: adding to that is what several sources are for.
            let first = state.listings.first { $0.group == state.group && $0.names.contains(name) }
            guard let first else { continue }
            assembly.warn(
                "the host '\(name)' is in [\(state.groupName)] twice, first on line \(first.line)", at: location)
        }
        state.listings.append(Listing(names: names, group: state.group, line: location.line))
    }

    private func words(of line: Substring, at location: SourceLocation) throws(InputError) -> [String] {
        do {
            return try ShellWords.split(line, comments: true)
        } catch {
            throw error.located(at: location)
        }
    }

    private func assignments(
        _ words: ArraySlice<String>, at location: SourceLocation
    ) throws(InputError) -> [InventoryAssembly.Setting] {
        var variables: [InventoryAssembly.Setting] = []
        for word in words {
            guard let equals = word.utf8.firstIndex(of: UInt8(ascii: "=")), equals != word.startIndex else {
                throw InputError(
                    "a host's variables are written name=value, but this is '\(word)'", at: location,
                    hints: [
                        words.contains { $0.hasSuffix("{{") }
                            ? "put a template with blanks in quotes: name=\"{{ other }}\""
                            : "leave no blanks around '=', and put a value with blanks in quotes"
                    ])
            }
            let value = String(word[word.index(after: equals)...])
            variables.append(
                .init(
                    name: String(word[..<equals]), value: PythonLiteral.value(of: value, at: location),
                    location: location))
        }
        return variables
    }

    private func readVariable(
        _ line: Substring, at location: SourceLocation, _ state: State, _ assembly: inout InventoryAssembly
    ) throws(InputError) {
        guard let equals = line.utf8.firstIndex(of: UInt8(ascii: "=")), equals != line.startIndex else {
            throw InputError(
                "[\(state.groupName):vars] holds name=value, but this is '\(line)'", at: location,
                hints: ["hosts belong into the section [\(state.groupName)]"])
        }
        let name = String(Self.strip(line[..<equals]))
        let text = String(Self.strip(line[line.index(after: equals)...]))
        try assembly.set(name, PythonLiteral.value(of: text, at: location), onGroup: state.group, at: location)
    }

    private func readChild(
        _ line: Substring, at location: SourceLocation, _ state: inout State, _ assembly: inout InventoryAssembly
    ) throws(InputError) {
        let name = String(line.prefix { !$0.isWhitespace && $0 != ":" && $0 != "]" })
        let rest = line.dropFirst(name.count).drop(while: \.isWhitespace)
        guard !name.isEmpty, rest.isEmpty || rest.first == "#" else {
            throw InputError(
                "[\(state.groupName):children] holds names of groups, but this is '\(line)'", at: location,
                hints: ["hosts and their variables belong into the section [\(state.groupName)]"])
        }
        if let child = assembly.groupIndex[name] {
            try assembly.addChild(child, to: state.group, at: location)
        } else {
            state.pending[name, default: Pending(location: location, parents: [])].parents
                .append((state.group, location))
        }
    }
}
