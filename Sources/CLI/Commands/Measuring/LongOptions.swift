import ArgumentParser
import Fleet
import Inventories

/// How one logs into hosts, by long flags alone: of a command whose short ones mean what they mean to `sar`.
struct LongLoginOptions: ParsableArguments {
    @Option(help: "Login user where the inventory names none.") var user: String?

    @Option(
        name: [.customLong("private-key"), .customLong("key-file")],
        help: "Private key where the inventory names none.", completion: .file())
    var privateKey: String?

    @OptionGroup var vault: VaultOptions
    @OptionGroup var passwords: PasswordOptions

    @Option(name: [.customShort("T"), .customLong("connect-timeout")], help: "Seconds a connection may take.")
    var connectTimeout: Int?

    @Option(
        help: "What speaks SSH where the inventory does not say: \(Endpoint.Client.list) (default: whichever can).",
        transform: LongLoginOptions.client)
    var transport: Endpoint.Client?

    @Option(help: "How many hosts are connected to at once (default: 30).") var forks: Int?

    private static func client(_ name: String) throws -> Endpoint.Client {
        guard let client = Endpoint.Client(rawValue: name) else {
            throw ValidationError("--transport is \(Endpoint.Client.list), not '\(name)'")
        }
        return client
    }

    func validate() throws {
        if let connectTimeout, connectTimeout < 1 { throw ValidationError("--connect-timeout must be at least 1") }
        if let forks, forks < 1 { throw ValidationError("--forks must be at least 1") }
    }

    /// The same as other commands have it.
    var connection: ConnectionOptions {
        var login = LoginOptions()
        (login.user, login.privateKey) = (user, privateKey)
        (login.vault, login.passwords) = (vault, passwords)
        (login.connectTimeout, login.transport) = (connectTimeout, transport)
        return login.connection(forks: forks)
    }
}

/// How much a command says, by long flags alone.
struct LongTalkOptions: ParsableArguments {
    @Flag(help: "Say how hosts are connected to; twice: and what each is asked; three times: and what comes back.")
    var verbose: Int

    @Flag(help: "Say only what went wrong; answers are written all the same.") var quiet = false

    @Option(
        help: ArgumentHelp(
            "Add everything that is said, and what -vvv says, to this file ($DROVER_LOG_FILE).", valueName: "file"),
        completion: .file())
    var logFile: String?

    @Option(help: ArgumentHelp("When colours are used: auto, always or never.", valueName: "when"))
    var color = ColourChoice.auto

    func validate() throws { try talk.validate() }

    /// The same as other commands have it.
    var talk: TalkOptions {
        var talk = TalkOptions()
        (talk.verbose, talk.quiet, talk.logFile, talk.color) = (verbose, quiet, logFile, color)
        return talk
    }
}
