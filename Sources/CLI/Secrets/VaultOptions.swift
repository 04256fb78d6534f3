import ArgumentParser

/// Where passwords for encrypted files come from. Flags are Ansible's.
struct VaultOptions: ParsableArguments {
    @Option(
        name: .customLong("vault-id"), parsing: .singleValue,
        help: "A vault password: [ID@]SOURCE, where SOURCE is a file, a program that prints it, or 'prompt'.")
    var ids: [String] = []

    @Option(
        name: [.customLong("vault-password-file"), .customLong("vault-pass-file")], parsing: .singleValue,
        help: "File with a vault password, or a program that prints it.", completion: .file())
    var files: [String] = []

    @Flag(
        name: [.customShort("J"), .customLong("ask-vault-password"), .customLong("ask-vault-pass")],
        help: "Ask for the vault password.")
    var asks = false
}
