import Foundation

/// Everything a command takes from outside, passed by hand.
struct Seams: Sendable {
    var terminal: Terminal
    var environment: [String: String]
    var workingFolder: String
    /// What nobody but the hosts may see.
    let passwords: Passwords

    static var live: Self {
        let environment = ProcessInfo.processInfo.environment
        return Self(
            terminal: .standard, environment: environment, workingFolder: FileManager.default.currentDirectoryPath,
            passwords: Passwords(terminal: .standard, environment: environment))
    }

    /// The user's settings for OpenSSH, or what `$DROVER_SSH_CONFIG` says instead.
    var userSettings: UserSettings { UserSettings(environment["DROVER_SSH_CONFIG"]) }

    /// Where journal, builds and labs are kept: `$DROVER_STATE`, else `.drover` in the working folder.
    var stateFolder: String {
        if let chosen = environment["DROVER_STATE"], !chosen.isEmpty { return chosen }
        return workingFolder + "/.drover"
    }
}
