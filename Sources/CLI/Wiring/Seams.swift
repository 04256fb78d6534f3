import Fleet
import Foundation
import Rollouts
import SSH

/// Everything a command takes from outside, passed by hand.
struct Seams: Sendable {
    var terminal: Terminal
    var environment: [String: String]
    var workingFolder: String
    /// What nobody but the hosts may see.
    let passwords: Passwords
    /// For how long connections are kept that nobody uses; `nil` keeps none.
    var keeping: Duration?
    /// What is told for a report of the command, where one is wanted.
    var report: JUnitRecord?

    static var live: Self { Self(terminal: .standard, environment: ProcessInfo.processInfo.environment) }

    /// The same for a command that is to talk as `options` say.
    /// - Throws: ``InputError`` for a log file that can't be written.
    static func live(_ options: TalkOptions) throws(InputError) -> Self {
        let environment = ProcessInfo.processInfo.environment
        var seams = Self(terminal: try options.applied(to: .standard, in: environment), environment: environment)
        seams.keeping = try KeepingChoice.time(in: environment)
        return seams
    }

    /// The same where nobody watches.
    var unattended: Self {
        let terminal = terminal.unattended
        return Self(
            terminal: terminal, environment: environment, workingFolder: workingFolder,
            passwords: Passwords(terminal: terminal, environment: environment), keeping: keeping)
    }

    /// Where the user's settings for OpenSSH stand: `$DROVER_SSH_CONFIG` is `none`, which leaves them out (`nil`), or a
    /// file instead of the usual ones.
    var sshConfiguration: OpenSSHClient.Configuration? {
        switch environment["DROVER_SSH_CONFIG"] {
        case nil, "": .usual
        case "none": nil
        case let file?: .file(file)
        }
    }

    /// The service's file in the working folder, else in the nearest folder above, as seen from there; `nil` for none.
    /// - Throws: ``InputError`` for one above that is neither this user's nor root's.
    func serviceFile() throws(InputError) -> String? {
        var owners: Set = [geteuid(), 0]
        if geteuid() == 0, let user = environment["SUDO_UID"].flatMap(UInt32.init) { owners.insert(user) }
        return try ServiceFileSearch.nearest(from: workingFolder, owners: owners)
    }

    /// Where journal, builds and labs are kept: the folder that `$DROVER_STATE` names, else `.drover` beside the service's
    /// file, else in the working folder.
    var stateFolder: String {
        if let chosen = environment["DROVER_STATE"], !chosen.isEmpty, !chosen.hasPrefix(EtcdPlace.scheme) {
            return chosen
        }
        // One that is somebody else's is no service of this user's.
        let levels = (try? serviceFile())?.split(separator: "/").count ?? 1
        let folder = workingFolder.split(separator: "/").dropLast(levels - 1).map { "/\($0)" }.joined()
        return folder + "/.drover"
    }
}

extension Seams {
    fileprivate init(terminal: Terminal, environment: [String: String]) {
        self.init(
            terminal: terminal, environment: environment, workingFolder: FileManager.default.currentDirectoryPath,
            passwords: Passwords(terminal: terminal, environment: environment))
    }
}
