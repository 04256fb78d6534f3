import ArgumentParser

/// Where passwords for hosts come from, where the inventory names none. Flags are Ansible's.
struct PasswordOptions: ParsableArguments {
    @Flag(name: [.customShort("k"), .customLong("ask-pass")], help: "Ask for the SSH password.")
    var asksPassword = false

    @Option(
        name: [.customLong("connection-password-file"), .customLong("conn-pass-file")],
        help: "File with the SSH password, or a program that prints it.", completion: .file())
    var passwordFile: String?

    @Flag(
        name: [.customShort("K"), .customLong("ask-become-pass")],
        help: "Ask for the password of sudo or su (doas and run0 take none from a program).")
    var asksBecomePassword = false

    @Option(
        name: [.customLong("become-password-file"), .customLong("become-pass-file")],
        help: "File with the password of sudo or su, or a program that prints it.", completion: .file())
    var becomePasswordFile: String?

    func validate() throws {
        if asksPassword, passwordFile != nil {
            throw ValidationError("only one of --ask-pass and --connection-password-file can be given")
        }
        if asksBecomePassword, becomePasswordFile != nil {
            throw ValidationError("only one of --ask-become-pass and --become-password-file can be given")
        }
    }
}
