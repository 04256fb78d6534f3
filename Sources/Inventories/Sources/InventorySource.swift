import Fleet
import Foundation
import Values

/// One `-i`: finds out what it is and reads it.
struct InventorySource {
    let path: String

    func read(into assembly: inout InventoryAssembly) throws(InputError) {
        switch SourceKind.of(path) {
        case .folder:
            let before = assembly.sourcesRead
            try readFolder(into: &assembly)
            if assembly.sourcesRead == before {
                assembly.warn("the folder holds no inventory", at: SourceLocation(file: path))
            }
        case .file: try readFile(into: &assembly)
        case .missing where path.contains(","):
            assembly.source = path
            try HostList(text: path).read(into: &assembly)
        case .missing: throw missing()
        }
    }

    private func missing() -> InputError {
        let folder = Path.parent(of: path)
        // Only for the hint: a folder that can't be listed has no near names.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let near = NearestNames.hints(for: (path as NSString).lastPathComponent, among: names)
        return InputError(
            "there is no such inventory", at: SourceLocation(file: path),
            hints: near.isEmpty ? ["a list of hosts is written with a comma: -i \(path),"] : near)
    }

    // MARK: Folders

    private static let ignoredNames: Set<String> = ["host_vars", "group_vars", "vars_plugins"]
    private static let ignoredSuffixes = [
        ".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry",
    ]

    private func readFolder(into assembly: inout InventoryAssembly) throws(InputError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw InputError(
                "the folder can't be listed", at: SourceLocation(file: path), hints: ["check its permissions"])
        }
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            if name.hasPrefix(".") || Self.ignoredNames.contains(name) { continue }
            if Self.ignoredSuffixes.contains(where: name.hasSuffix) { continue }
            do { try InventorySource(path: Path.join(path, name)).read(into: &assembly) } catch {
                try assembly.mistakes.pass(error)
            }
        }
    }

    // MARK: Files

    private func readFile(into assembly: inout InventoryAssembly) throws(InputError) {
        assembly.source = Path.absolute(path)
        assembly.sourcesRead += 1
        if isProgram() { return try ScriptInventory(path: path).read(into: &assembly) }
        var text = try YAMLReader.text(of: path)
        assembly.isRevealed = VaultEnvelope.isEncrypted(text)
        defer { assembly.isRevealed = false }
        if assembly.isRevealed { text = try assembly.vault.openedText(text, file: path) }
        switch format(of: text) {
        case .yaml: try YAMLInventory(file: path).read(text, into: &assembly)
        case .ini: try INIInventory(file: path).read(text, into: &assembly)
        case .toml:
            throw InputError(
                "inventories in TOML are not read", at: SourceLocation(file: path),
                hints: ["convert it: ansible-inventory -i \(path) --list --yaml --export"])
        }
    }

    /// Executable, and begins as a script or a Linux program does: a text file that somebody made executable is read.
    private func isProgram() -> Bool {
        guard FileManager.default.isExecutableFile(atPath: path), let file = FileHandle(forReadingAtPath: path) else {
            return false
        }
        // A file that can't be read is no program; reading it as text says why.
        let start = (try? file.read(upToCount: 4)) ?? Data()
        return start.starts(with: Data("#!".utf8)) || start.starts(with: [0x7F, 0x45, 0x4C, 0x46])
    }

    private enum Format { case yaml, ini, toml }

    private func format(of text: String) -> Format {
        let suffix = (path as NSString).pathExtension
        let looks = INIInventory.beginsWithSection(text)
        switch suffix {
        case "toml": return .toml
        case "yml", "yaml", "json": return looks ? .ini : .yaml
        case "": return looks || !Self.looksLikeYAML(text) ? .ini : .yaml
        default: return .ini
        }
    }

    /// Whether the first line that is no comment begins a YAML document or is a key.
    private static func looksLikeYAML(_ text: String) -> Bool {
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix(";") { continue }
            let firstWord = line.prefix { $0 != " " && $0 != "\t" }
            return line == "---" || firstWord == "---" || firstWord == "%YAML" || line.hasPrefix("{")
                || firstWord.hasSuffix(":") || line.hasSuffix(":")
        }
        return false
    }
}
