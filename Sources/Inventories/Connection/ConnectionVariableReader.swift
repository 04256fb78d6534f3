import Fleet
import Foundation
import OrderedCollections
import Values

/// Reads one host's variables and names them in what it throws.
struct ConnectionVariableReader {
    typealias Field = ConnectionVariables.Field

    let host: HostName
    let variables: Variables

    private func name(of field: Field) -> String {
        field.names.first { value($0) != nil } ?? field.names[0]
    }

    private func origin(_ field: Field) -> String { "\(name(of: field)) of the host '\(host)'" }

    private func value(_ name: String) -> Value? {
        guard let value = variables[name], value != .null else { return nil }
        return value
    }

    func text(_ field: Field) throws(InputError) -> String? {
        let name = name(of: field)
        switch value(name) {
        case nil: return nil
        case .string(let text)?: return text.isEmpty ? nil : text
        case .int(let number)?: return String(number)
        default: throw InputError("the variable \(name) of the host '\(host)' must be text")
        }
    }

    /// What a variable with arguments for OpenSSH's client says.
    func arguments(_ field: Field) throws(InputError) -> ConnectionSettings {
        guard let text = try text(field) else { return ConnectionSettings() }
        var arguments = SSHArguments()
        try arguments.add(text, variable: name(of: field), host: host)
        return arguments.settings
    }

    /// What the variables say that have one meaning each, and `lower` where they say nothing.
    func settings(over lower: ConnectionSettings) throws(InputError) -> ConnectionSettings {
        var settings = ConnectionSettings()
        if let name = try text(.connection) {
            settings.connection = try ConnectionSettings.connection(name, of: origin(.connection))
        }
        if let name = try text(.becomeMethod) {
            settings.becomeMethod = try ConnectionSettings.becomeMethod(name, of: origin(.becomeMethod))
        }
        if let name = try text(.client) { settings.client = try ConnectionSettings.client(name, of: origin(.client)) }
        settings.user = try text(.user)
        settings.port = try port()
        settings.privateKey = try text(.privateKey)
        settings.connectTimeout = try timeout()
        settings.password = try text(.password).map { Secret($0) }
        settings.passphrase = try text(.passphrase).map { Secret($0) }
        settings.pinnedHostKeys = try hostKeys()
        let method = settings.becomeMethod ?? lower.becomeMethod ?? .sudo
        let (special, general) = (try text(own: method, .sudoPassword, .suPassword), try text(.becomePassword))
        settings.becomePassword = (special ?? general).map { Secret($0) }
        return settings.over(try rights(by: method)).over(lower)
    }

    /// What the variables say of whose rights commands have by `method`.
    func rights(by method: Endpoint.BecomeMethod) throws(InputError) -> ConnectionSettings {
        var settings = ConnectionSettings()
        settings.becomes = try flag(.become)
        let (special, general) = (try text(own: method, .sudoUser, .suUser), try text(.becomeUser))
        settings.becomeUser = special ?? general
        return settings
    }

    /// What a method's own variable says, of those that have one.
    private func text(
        own method: Endpoint.BecomeMethod, _ sudo: Field, _ su: Field
    ) throws(InputError) -> String? {
        switch method {
        case .sudo: try text(sudo)
        case .su: try text(su)
        case .doas, .run0: nil
        }
    }

    private func flag(_ field: Field) throws(InputError) -> Bool? {
        guard let value = value(name(of: field)) else { return nil }
        if let flag = value.boolean(in: .argument) { return flag }
        throw InputError("\(origin(field)) must be true or false")
    }

    private func port() throws(InputError) -> UInt16? {
        guard let text = try text(.port) else { return nil }
        guard let port = UInt16(text), port > 0 else {
            throw InputError(
                "\(origin(.port)) is '\(text)', not a port between 1 and 65535",
                hints: ["write the number of the port, such as 22"])
        }
        return port
    }

    private func timeout() throws(InputError) -> Duration? {
        guard let text = try text(.timeout) else { return nil }
        guard let seconds = Int(text), seconds > 0 else {
            throw InputError("\(origin(.timeout)) is '\(text)', not a number of seconds")
        }
        return .seconds(seconds)
    }

    /// Public keys, without their comments.
    private func hostKeys() throws(InputError) -> [String]? {
        let texts: [String?]
        switch value(name(of: .hostKey)) {
        case nil: return nil
        case .list(let values)?: texts = values.map(\.text)
        case let value?: texts = [value.text]
        }
        var keys: [String] = []
        for text in texts {
            let words = (text ?? "").split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, let blob = Data(base64Encoded: String(words[1])),
                blob.dropFirst(4).starts(with: words[0].utf8)
            else {
                throw InputError(
                    "\(origin(.hostKey)) holds what is no public key",
                    hints: ["write the kind and the key, such as: ssh-ed25519 AAAAC3Nza…"])
            }
            keys.append("\(words[0]) \(words[1])")
        }
        return keys
    }
}
