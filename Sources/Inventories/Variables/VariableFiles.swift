import Fleet
import Foundation
import OrderedCollections

/// `group_vars` and `host_vars` beside the inventory's sources and beside the playbook.
struct VariableFiles {
    private let groupFolders: [Folder]
    private let hostFolders: [Folder]
    private let vault: Vault
    /// What is odd in the files that were read.
    private(set) var warnings: [String] = []

    /// Folders count in the order of the sources, the playbook's last.
    init(sources: [String], playbookFolder: String?, vault: Vault) {
        self.vault = vault
        var roots: [String] = []
        for source in sources {
            switch FileKind.of(source) {
            case .folder: roots.append(source)
            case .file: roots.append(Path.parent(of: source))
            case .missing: break
            }
        }
        if let playbookFolder { roots.append(playbookFolder) }
        roots = Self.withoutRepeats(roots)
        groupFolders = roots.map { Folder(path: Path.join($0, "group_vars")) }
        hostFolders = roots.map { Folder(path: Path.join($0, "host_vars")) }
    }

    /// A folder that stands twice counts where it stands last, since what it says then is the same; messages call it as it was
    /// called first.
    private static func withoutRepeats(_ roots: [String]) -> [String] {
        var spellings: OrderedDictionary<String, String> = [:]
        for root in roots {
            let place = Path.absolute(root)
            let spelling = spellings.removeValue(forKey: place) ?? root
            spellings[place] = spelling
        }
        return Array(spellings.values)
    }

    /// One layer for each folder, empty where it says nothing of the group.
    mutating func layers(ofGroup name: String) throws(InputError) -> [Variables] {
        var layers: [Variables] = []
        for folder in groupFolders { layers.append(try variables(of: name, in: folder)) }
        return layers
    }

    /// The layers that say something of the host.
    mutating func layers(ofHost name: String) throws(InputError) -> [Variables] {
        var layers: [Variables] = []
        for folder in hostFolders where !folder.isEmpty {
            let variables = try variables(of: name, in: folder)
            if !variables.isEmpty { layers.append(variables) }
        }
        return layers
    }

    /// A folder's files in order of their names, the later winning.
    private mutating func variables(of name: String, in folder: Folder) throws(InputError) -> Variables {
        var variables: Variables = [:]
        for file in folder.files(of: name) { variables.replace(with: try read(file)) }
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
            guard FileKind.of(path) == .folder else { return [path] }
            // As above: what can't be listed holds nothing.
            let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
            return names.filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") }.flatMap { name -> [String] in
                let entry = Path.join(path, name)
                let suffix = (name as NSString).pathExtension
                if FileKind.of(entry) == .folder { return suffix.isEmpty ? files(at: entry) : [] }
                return ["", "yml", "yaml", "json"].contains(suffix) ? [entry] : []
            }
        }
    }

    /// The variables of one file.
    /// - Throws: ``InputError`` when it is no mapping with names for keys.
    private mutating func read(_ file: String) throws(InputError) -> Variables {
        guard let root = try YAMLReader.read(file: file, vault: vault), !root.isNull else { return [:] }
        guard let entries = root.entries else {
            throw InputError("variables are a mapping of names to values, not \(root.summary)", at: root.location)
        }
        var variables: Variables = [:]
        for entry in entries {
            guard let name = entry.key.text else {
                throw InputError("a variable's name must be text, not \(entry.key.summary)", at: entry.key.location)
            }
            let value = entry.value.value
            if let fault = ConnectionVariables.misspelling(name, value) {
                warnings.append("\(entry.key.location): \(fault)")
            }
            variables[name] = value
        }
        return variables
    }
}
