import ArgumentParser
import Fleet
import Inventories

/// Which hosts a command is about. Flags are Ansible's.
struct InventoryOptions: ParsableArguments {
    @Option(
        name: [.customShort("i"), .customLong("inventory")], parsing: .singleValue,
        help: "Inventory file or folder; may be given several times.", completion: .file())
    var sources: [String] = []

    @Option(name: [.customShort("l"), .long], help: "Only hosts that match this pattern as well.", completion: .hosts)
    var limit: String?

    /// The sources, from the flags or `$DROVER_INVENTORY`.
    func resolved(_ seams: Seams) throws -> [String] {
        if !sources.isEmpty { return sources }
        if let chosen = usual(seams) { return [chosen] }
        throw InputError("no inventory given", hints: ["name one with -i FILE, or set DROVER_INVENTORY"])
    }

    /// Whether `$DROVER_INVENTORY` names one.
    func isInEnvironment(_ seams: Seams) -> Bool { usual(seams) != nil }

    private func usual(_ seams: Seams) -> String? {
        seams.environment["DROVER_INVENTORY"].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// How hosts are reached, beyond what the inventory says.
struct ConnectionOptions: ParsableArguments {
    @OptionGroup var login: LoginOptions

    @Option(name: [.customShort("f"), .long], help: "How many hosts are connected to at once (default: 30).")
    var forks: Int?

    var user: String? { login.user }
    var privateKey: String? { login.privateKey }
    var vault: VaultOptions { login.vault }
    var passwords: PasswordOptions { login.passwords }
    var connectTimeout: Int? { login.connectTimeout }
    var transport: Endpoint.Client? { login.transport }

    func validate() throws {
        if let forks, forks < 1 { throw ValidationError("--forks must be at least 1") }
    }
}

/// How one logs into hosts, beyond what the inventory says.
struct LoginOptions: ParsableArguments {
    @Option(name: [.customShort("u"), .customLong("user")], help: "Login user where the inventory names none.")
    var user: String?

    @Option(
        name: [.customLong("private-key"), .customLong("key-file")],
        help: "Private key where the inventory names none.",
        completion: .file())
    var privateKey: String?

    @OptionGroup var vault: VaultOptions
    @OptionGroup var passwords: PasswordOptions

    @Option(name: [.customShort("T"), .customLong("connect-timeout")], help: "Seconds a connection may take.")
    var connectTimeout: Int?

    @Option(
        help: "What speaks SSH where the inventory does not say: \(Endpoint.Client.list) (default: whichever can).",
        transform: LoginOptions.client)
    var transport: Endpoint.Client?

    private static func client(_ name: String) throws -> Endpoint.Client {
        guard let client = Endpoint.Client(rawValue: name) else {
            throw ValidationError("--transport is \(Endpoint.Client.list), not '\(name)'")
        }
        return client
    }

    func validate() throws {
        if let connectTimeout, connectTimeout < 1 { throw ValidationError("--connect-timeout must be at least 1") }
    }

    /// The options of a command in which `-f` means something else.
    func connection(forks: Int?) -> ConnectionOptions {
        var options = ConnectionOptions()
        options.login = self
        options.forks = forks
        return options
    }
}

/// Whose rights commands run with.
struct BecomeOptions: ParsableArguments {
    @Flag(
        name: [.customShort("b"), .long], help: "Run with another user's rights, through sudo or another such program.")
    var become = false

    @Option(name: .customLong("become-user"), help: "Whose rights (default: root).")
    var becomeUser: String?

    @Option(
        name: .customLong("become-method"),
        help: "How, where the inventory does not say: \(Endpoint.BecomeMethod.list) (default: sudo).",
        transform: BecomeOptions.method)
    var becomeMethod: Endpoint.BecomeMethod?

    private static func method(_ name: String) throws -> Endpoint.BecomeMethod {
        guard let method = Endpoint.BecomeMethod(ansible: name) else {
            throw ValidationError("--become-method is \(Endpoint.BecomeMethod.list), not '\(name)'")
        }
        return method
    }

    /// The privilege these flags ask for.
    var privilege: Privilege { become ? .become(user: becomeUser ?? "root") : .login }
}

/// How the answer is written.
struct FormatOptions: ParsableArguments {
    @Option(help: "How data is written: table or json.")
    var format: OutputFormat = .table

    /// Whether `arguments`, which need not be right, ask for JSON.
    static func isJSON(in arguments: [String]) -> Bool {
        let own = arguments.prefix { $0 != "--" }
        let values = own.indices.compactMap { index -> String? in
            if own[index].hasPrefix("--format=") { return String(own[index].dropFirst("--format=".count)) }
            return own[index] == "--format" && index + 1 < own.endIndex ? own[index + 1] : nil
        }
        return values.last == OutputFormat.json.rawValue
    }
}

/// How the answer of a command that lists things is written.
struct ListFormatOptions: ParsableArguments {
    /// What may be asked for.
    enum Choice: String, ExpressibleByArgument, CaseIterable, Sendable {
        case table, wide, json, name
    }

    @Option(
        name: .customLong("format"),
        help: ArgumentHelp(
            "How the list is written: table, as wide as the terminal; wide; json; or name, only names, one a line.",
            valueName: "format"))
    var choice = Choice.table

    /// Whether people or programs read it.
    var format: OutputFormat { choice == .json ? .json : .table }

    /// How it is drawn for people.
    var style: TableStyle {
        switch choice {
        case .table, .json: .fitted
        case .wide: .wide
        case .name: .names
        }
    }
}
