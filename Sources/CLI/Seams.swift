import Foundation

/// Everything a command takes from outside, passed by hand.
struct Seams: Sendable {
    var terminal: Terminal
    var environment: [String: String]
    var workingFolder: String

    static var live: Self {
        Self(
            terminal: .standard, environment: ProcessInfo.processInfo.environment,
            workingFolder: FileManager.default.currentDirectoryPath)
    }

    /// Where journal, builds and labs are kept: `$DROVER_STATE`, else `.drover` in the working folder.
    var stateFolder: String {
        if let chosen = environment["DROVER_STATE"], !chosen.isEmpty { return chosen }
        return workingFolder + "/.drover"
    }
}
