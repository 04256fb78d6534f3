import Fleet
import Foundation
import OrderedCollections
import Values

/// Folders that may have `group_vars` and `host_vars` in them; each is a layer.
struct VariableFolders {
    /// The layers' folders, each once, called as they were first.
    private let roots: OrderedDictionary<String, String>
    private let besideSources: [String]
    /// The playbooks' folders that were read.
    let beside: [String]

    init(sources: [String], playbookFolders: [String]) {
        besideSources = sources.compactMap { source in
            switch SourceKind.of(source) {
            case .folder: source
            case .file: Path.parent(of: source)
            case .missing: nil
            }
        }
        beside = playbookFolders
        roots = OrderedDictionary(
            (besideSources + playbookFolders).map { (Path.absolute($0), $0) }
        ) { first, _ in first }
    }

    var paths: [String] { Array(roots.values) }

    /// The layers that count, in order, where of the playbooks' folders only `folders` do. One that stands twice counts where it
    /// stands last, since what it says then is the same.
    func layers(beside folders: [String]) -> [Int] {
        let found = (besideSources + folders).compactMap { roots.index(forKey: Path.absolute($0)) }
        return found.indices.filter { !found[($0 + 1)...].contains(found[$0]) }.map { found[$0] }
    }
}

/// Where a variable of a group or host could stand.
struct VariablePlace: Hashable {
    enum Owner: Hashable {
        case group(String)
        case host(String)
    }

    let layer: Int
    let owner: Owner
    let name: String
}

/// `group_vars` and `host_vars` beside the inventory's sources and beside the playbooks.
struct VariableFiles {
    let folders: VariableFolders
    private let groupFolders: [Folder]
    private let hostFolders: [Folder]
    private let vault: Vault
    private let mistakes: MistakeLog?
    /// What is odd in the files that were read.
    private(set) var warnings: [String] = []
    /// Where variables stand that say how hosts are reached.
    private(set) var connectionPlaces: [VariablePlace: SourceLocation] = [:]

    init(sources: [String], playbookFolders: [String], vault: Vault, mistakes: MistakeLog? = nil) {
        (self.vault, self.mistakes) = (vault, mistakes)
        folders = VariableFolders(sources: sources, playbookFolders: playbookFolders)
        groupFolders = folders.paths.map { Folder(path: Path.join($0, "group_vars")) }
        hostFolders = folders.paths.map { Folder(path: Path.join($0, "host_vars")) }
    }

    /// One layer for each folder, empty where it says nothing of the group.
    mutating func layers(ofGroup name: String) throws(InputError) -> [Variables] {
        var layers: [Variables] = []
        for (layer, folder) in groupFolders.enumerated() {
            layers.append(try variables(of: .group(name), called: name, in: folder, layer))
        }
        return layers
    }

    /// The layers that say something of the host.
    mutating func layers(ofHost name: String) throws(InputError) -> [Int: Variables] {
        var layers: [Int: Variables] = [:]
        for (layer, folder) in hostFolders.enumerated() where !folder.isEmpty {
            let variables = try variables(of: .host(name), called: name, in: folder, layer)
            if !variables.isEmpty { layers[layer] = variables }
        }
        return layers
    }

    /// A folder's files in order of their names, the later winning.
    private mutating func variables(
        of owner: VariablePlace.Owner, called name: String, in folder: Folder, _ layer: Int
    ) throws(InputError) -> Variables {
        var variables: Variables = [:]
        for file in folder.files(of: name) {
            for (name, value, location) in try readOrNote(file) {
                variables[name] = value
                guard ConnectionVariables.names.contains(name) else { continue }
                connectionPlaces[VariablePlace(layer: layer, owner: owner, name: name)] = location
            }
        }
        return variables
    }
}

extension VariableFiles {
    /// One `group_vars` or `host_vars`, listed once.
    private struct Folder {
        let path: String
        /// Whose variables an entry holds: the first of `name`, `name.yml`, `name.yaml` and `name.json`.
        private let entries: [String: String]

        init(path: String) {
            self.path = path
            // A folder that isn't there or can't be listed holds no variables, as in Ansible.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            var entries: [String: String] = [:]
            for suffix in ["", ".yml", ".yaml", ".json"] {
                for name in names where name.hasSuffix(suffix) {
                    let owner = String(name.dropLast(suffix.count))
                    if entries[owner] == nil { entries[owner] = name }
                }
            }
            self.entries = entries
        }

        var isEmpty: Bool { entries.isEmpty }

        /// Files with variables of `name`, in the order in which they count.
        func files(of name: String) -> [String] { entries[name].map { Self.files(at: Path.join(path, $0)) } ?? [] }

        private static func files(at path: String) -> [String] {
            guard SourceKind.of(path) == .folder else { return [path] }
            // As above: what can't be listed holds nothing.
            let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
            return names.filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") }.flatMap { name -> [String] in
                let entry = Path.join(path, name)
                let suffix = (name as NSString).pathExtension
                if SourceKind.of(entry) == .folder { return suffix.isEmpty ? files(at: entry) : [] }
                return ["", "yml", "yaml", "json"].contains(suffix) ? [entry] : []
            }
        }
    }

    private mutating func readOrNote(
        _ file: String
    ) throws(InputError) -> [(name: String, value: Value, location: SourceLocation)] {
        do { return try read(file) } catch {
            try mistakes.pass(error)
            return []
        }
    }

    /// The variables of one file, and where their names stand.
    /// - Throws: ``InputError`` when it is no mapping with names for keys.
    private mutating func read(
        _ file: String
    ) throws(InputError) -> [(name: String, value: Value, location: SourceLocation)] {
        guard let root = try YAMLReader.read(file: file, vault: vault), !root.isNull else { return [] }
        guard let entries = root.entries else {
            throw InputError("variables are a mapping of names to values, not \(root.summary)", at: root.location)
        }
        var variables: [(name: String, value: Value, location: SourceLocation)] = []
        for entry in entries {
            guard let name = entry.key.text else {
                throw InputError("a variable's name must be text, not \(entry.key.summary)", at: entry.key.location)
            }
            let value = entry.value.value
            if let fault = ConnectionVariables.misspelling(name, value) {
                warnings.append("\(entry.key.location): \(fault)")
            }
            variables.append((name, value, entry.key.location))
        }
        return variables
    }
}
