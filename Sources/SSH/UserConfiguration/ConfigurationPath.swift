import Crypto
import Fleet
import Foundation
import Glibc
import Values

/// Puts into paths of ssh_config what `ssh -G` leaves in them: tokens (`%h`) and variables (`${NAME}`).
struct ConfigurationPath {
    let home: String
    /// The host, as it stands after `ssh`.
    let name: String
    /// What it is connected to by.
    let host: String
    let port: String
    let user: String
    let alias: String?

    /// The path; what `ssh` would not know either stays as it is, and names no file then.
    func expanding(_ path: String) -> String {
        var expanded = ""
        var rest = (path.hasPrefix("~/") ? home + path.dropFirst() : HomeFolder.expanding(path))[...]
        while let character = rest.popFirst() {
            if character == "%", let token = rest.first, let value = value(of: token) {
                rest.removeFirst()
                expanded += value
            } else if character == "$", let variable = Self.variable(in: rest) {
                rest = rest.dropFirst(variable.name.count + 2)
                expanded += variable.value
            } else {
                expanded.append(character)
            }
        }
        return expanded
    }

    private static func variable(in rest: Substring) -> (name: Substring, value: String)? {
        guard rest.first == "{", let end = rest.firstIndex(of: "}") else { return nil }
        let name = rest[rest.index(after: rest.startIndex)..<end]
        return ProcessInfo.processInfo.environment[String(name)].map { (name, $0) }
    }

    private func value(of token: Character) -> String? {
        switch token {
        case "%": "%"
        case "C": Hex.text(Insecure.SHA1.hash(data: Data((Self.localName + host + port + user).utf8)))
        case "d": home
        case "h": host
        case "i": String(getuid())
        case "k": alias ?? name
        case "L": String(Self.localName.prefix { $0 != "." })
        case "l": Self.localName
        case "n": name
        case "p": port
        case "r": user
        case "u": ConnectorContext.currentUser
        default: nil
        }
    }

    /// This machine's name.
    private static let localName: String = {
        var name = [CChar](repeating: 0, count: Int(HOST_NAME_MAX) + 1)
        guard gethostname(&name, name.count) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()
}
