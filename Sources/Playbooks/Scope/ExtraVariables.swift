public import Fleet
import Foundation
import Inventories
public import OrderedCollections
public import Values

/// Variables of the command line, which win over all others.
public enum ExtraVariables {
    /// Reads what follows each `-e`: `name=value …`, a mapping in JSON or YAML, or `@file`. Later ones win.
    /// - Throws: ``InputError`` when one of them is none of these.
    /// - Parameter vault: Opens files that are encrypted.
    public static func read(_ options: [String], vault: Vault = .locked) throws(InputError) -> Variables {
        var variables: Variables = [:]
        for option in options { variables.merge(try read(option, vault)) { _, later in later } }
        return variables
    }

    private static func read(_ option: String, _ vault: Vault) throws(InputError) -> Variables {
        let text = option.stripped
        if text.hasPrefix("@") {
            let file = String(text.dropFirst())
            return try mapping(try YAMLReader.read(file: file, repeatedKeys: .laterWins, vault: vault), option)
        }
        if text.hasPrefix("{") || text.hasPrefix("[") {
            return try mapping(try parsed(text, vault), option)
        }
        var variables: Variables = [:]
        for word in try KeyValueText.words(text, at: SourceLocation(file: "-e")) {
            guard let (name, value) = KeyValueText.pair(word) else {
                throw InputError(
                    "-e '\(option)' is neither name=value, nor a mapping, nor @file",
                    hints: ["write: -e name=value, -e '{\"name\": true}' or -e @file.yml"])
            }
            variables[name] = vault.watched(.trusted(value), named: name)
        }
        return variables
    }

    private static func parsed(_ text: String, _ vault: Vault) throws(InputError) -> SourceNode? {
        do { return try YAMLReader.parse(text, file: "-e", repeatedKeys: .laterWins, vault: vault) } catch {
            throw InputError(
                error.message, at: error.location,
                hints: error.hints + ["quote it for the shell: -e '{\"name\": true}'"])
        }
    }

    private static func mapping(_ node: SourceNode?, _ option: String) throws(InputError) -> Variables {
        guard let node, !node.isNull else { return [:] }
        var variables: Variables = [:]
        for (name, node) in try node.fields(of: "-e '\(option)'") { variables[name] = node.value }
        return variables
    }
}
