import Fleet
import Foundation
import OrderedCollections

/// `group_vars` and `host_vars` beside the inventory's sources and beside the playbook.
struct VariableFiles {
    private let groupFolders: [Folder]
    private let hostFolders: [Folder]
    private let vault: Vault

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
        groupFolders = roots.map { Folder(path: Path.join($0, "group_vars")) }
        hostFolders = roots.map { Folder(path: Path.join($0, "host_vars")) }
    }

    /// One layer for each folder, empty where it says nothing of the group.
    func layers(ofGroup name: String) throws(InputError) -> [Variables] {
        var layers: [Variables] = []
        for folder in groupFolders { layers.append(try folder.variables(of: name, vault)) }
        return layers
    }

    /// The layers that say something of the host.
    func layers(ofHost name: String) throws(InputError) -> [Variables] {
        var layers: [Variables] = []
        for folder in hostFolders where !folder.isEmpty {
            let variables = try folder.variables(of: name, vault)
            if !variables.isEmpty { layers.append(variables) }
        }
        return layers
    }
}

extension VariableFiles {
    /// One `group_vars` or `host_vars`, listed once.
    private struct Folder {
        let path: String
        private let names: Set<String>

        init(path: String) {
            self.path = path
            // A folder that isn't there or can't be listed holds no variables, as in Ansible.
            names = Set((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
        }

        var isEmpty: Bool { names.isEmpty }

        /// The first of `name`, `name.yml`, `name.yaml` and `name.json`; a folder's files in order of their names.
        func variables(of name: String, _ vault: Vault) throws(InputError) -> Variables {
            guard let found = ["", ".yml", ".yaml", ".json"].map({ name + $0 }).first(where: names.contains) else {
                return [:]
            }
            var variables: Variables = [:]
            for file in Self.files(at: Path.join(path, found)) {
                variables.replace(with: try VariableFiles.read(file, vault))
            }
            return variables
        }

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
    static func read(_ file: String, _ vault: Vault) throws(InputError) -> Variables {
        guard let root = try YAMLReader.read(file: file, vault: vault), !root.isNull else { return [:] }
        guard let entries = root.entries else {
            throw InputError("variables are a mapping of names to values, not \(root.summary)", at: root.location)
        }
        var variables: Variables = [:]
        for entry in entries {
            guard let name = entry.key.text else {
                throw InputError("a variable's name must be text, not \(entry.key.summary)", at: entry.key.location)
            }
            variables[name] = entry.value.value
        }
        return variables
    }
}
