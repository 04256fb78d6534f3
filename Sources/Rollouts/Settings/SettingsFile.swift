import Crypto
public import Fleet
import Foundation

/// One variable that a service's units get.
public struct Setting: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its value, as the program is to see it.
    public var value: Secret<String>
    /// Whether a vault opened it.
    public var isSecret: Bool

    /// A variable.
    public init(_ name: String, _ value: String, isSecret: Bool = false) {
        (self.name, self.value, self.isSecret) = (name, Secret(value), isSecret)
    }
}

/// The settings of a release as they lie in its folder on hosts, written as systemd's `EnvironmentFile=` reads them.
///
/// The same settings under the same salt are the same file, byte by byte, and have the same ``id``. The salt is in the file
/// alone: whoever sees only the id, in a journal or in a folder's name, cannot try what the settings may be.
public struct SettingsFile: Sendable, Equatable {
    /// The file's name in a release's folder.
    public static let name = ".drover-env"
    static let saltMark = "# salt "
    private static let secretMark = "# secret "

    /// The variables, by name.
    public let settings: [Setting]
    /// A word of one line.
    public let salt: Secret<String>

    /// - Parameter salt: A word by chance, unless hosts know these settings under one.
    public init(_ settings: [Setting], salt: Secret<String>) {
        self.settings = settings.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        self.salt = salt
    }

    /// Which settings they are.
    public var id: SettingsID {
        let key = SymmetricKey(data: Data(salt.reveal().utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data(assignments.utf8), using: key)
        return SettingsID(hash: code)
    }

    /// The file's content.
    public var text: Secret<String> {
        let secrets = settings.filter(\.isSecret).map { Self.secretMark + $0.name + "\n" }.joined()
        return Secret(
            "# Drover writes this file, from env: of drover.yml.\n\(Self.saltMark)\(salt.reveal())\n\(secrets)\(assignments)"
        )
    }

    private var assignments: String {
        settings.map { "\($0.name)=\(Self.quoted($0.value.reveal()))\n" }.joined()
    }

    /// As systemd reads it back unchanged: between double quotes it takes a backslash from before these four alone.
    static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            if "\"\\`$".unicodeScalars.contains(scalar) { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }
}

// MARK: reading

extension SettingsFile {
    /// Reads what ``text`` wrote; `nil` for anything else, and for a file that somebody has changed.
    public init?(parsing text: String, id: SettingsID) {
        var salt: String?
        var secrets: Set<String> = []
        var rest = text[...]
        while rest.first == "#" {
            let line = rest.prefix { $0 != "\n" }
            rest = rest.dropFirst(line.count + 1)
            if line.hasPrefix(Self.saltMark) { salt = String(line.dropFirst(Self.saltMark.count)) }
            if line.hasPrefix(Self.secretMark) { secrets.insert(String(line.dropFirst(Self.secretMark.count))) }
        }
        guard let salt, let found = Self.assignments(in: rest) else { return nil }
        self.init(found.map { Setting($0, $1, isSecret: secrets.contains($0)) }, salt: Secret(salt))
        guard self.id == id else { return nil }
    }

    private static func assignments(in text: Substring) -> [(String, String)]? {
        var scalars = text.unicodeScalars[...]
        var found: [(String, String)] = []
        while !scalars.isEmpty {
            let name = scalars.prefix { $0 != "=" }
            scalars = scalars.dropFirst(name.count + 1)
            guard let value = unquoted(&scalars), scalars.popFirst() == "\n" else { return nil }
            found.append((String(name), value))
        }
        return found
    }

    private static func unquoted(_ scalars: inout Substring.UnicodeScalarView) -> String? {
        guard scalars.popFirst() == "\"" else { return nil }
        var value = String.UnicodeScalarView()
        while let scalar = scalars.popFirst() {
            if scalar == "\"" { return String(value) }
            guard scalar == "\\" else {
                value.append(scalar)
                continue
            }
            guard let escaped = scalars.popFirst() else { return nil }
            value.append(escaped)
        }
        return nil
    }
}
