import CLibSSH2
import Crypto
import Fleet
import Foundation
import Glibc

/// Where the keeper is found that serves commands such as this one: of the same user, the same program and the same
/// surroundings.
struct KeeperPlace: Sendable {
    /// A folder that only this user can enter.
    let folder: String
    /// Where the keeper listens.
    let socket: String
    /// Everything of the environment that a keeper gets. Connections depend on it: another one is another keeper's.
    let environment: [String: String]

    /// Changes with what ``KeeperRequest`` and ``KeeperAnswer`` are.
    private static let version = "2"
    private static let prefix = "k-"
    /// How the names of all keepers of this program begin.
    private let kin: String
    /// Variables that say who somebody is, where keys are and how programs are found; no others, for they may be secret.
    private static let variables = [
        "HOME", "USER", "LOGNAME", "PATH", "TMPDIR", "XDG_RUNTIME_DIR", "SSH_AUTH_SOCK", "KRB5CCNAME", "KRB5_CONFIG",
        "KRB5_CLIENT_KTNAME", "GSS_USE_PROXY", "SSH_SK_PROVIDER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH",
    ]

    /// - Returns: `nil` where there is no folder that is this user's alone.
    init?(environment all: [String: String], program: String? = KeeperPlace.thisProgram) {
        guard let program, let above = Self.runtimeFolder(all), let folder = Self.folder(below: above) else {
            return nil
        }
        environment = all.filter { Self.variables.contains($0.key) }
        let surroundings = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        self.folder = folder
        kin = Self.prefix + Self.digest([Self.version, program]) + "-"
        socket = "\(folder)/\(kin)\(Self.digest(surroundings))"
    }

    private static func digest(_ texts: [String]) -> String {
        Hex.text(SHA256.hash(data: Data(texts.joined(separator: "\0").utf8)).prefix(5))
    }

    /// What tells this program's file from any other, the same one after an upgrade included.
    static var thisProgram: String? {
        var status = stat()
        guard stat("/proc/self/exe", &status) == 0 else { return nil }
        return "\(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }

    /// The folder for what lives as long as the user is logged in, or the machine is up.
    private static func runtimeFolder(_ environment: [String: String]) -> String? {
        if let chosen = environment["XDG_RUNTIME_DIR"], !chosen.isEmpty { return chosen.hasPrefix("/") ? chosen : nil }
        let usual = "/run/user/\(geteuid())"
        if isOurs(usual, mask: 0o077) { return usual }
        return geteuid() == 0 ? "/run" : nil
    }

    private static func folder(below above: String) -> String? {
        guard isOurs(above, mask: 0o022) else { return nil }
        let folder = (above.hasSuffix("/") ? String(above.dropLast()) : above) + "/drover"
        mkdir(folder, 0o700)
        return isOurs(folder, mask: 0o077) ? folder : nil
    }

    /// Whether a path is a folder of this user's, no link, and open to others at most as `mask` leaves it.
    private static func isOurs(_ path: String, mask: mode_t) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
            && status.st_mode & mask == 0
    }

    /// The sockets of all keepers of this user: those of this program, which can be talked to, and the others.
    var sockets: (own: [String], others: [String]) {
        // A folder that is gone has none.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let all = names.filter { $0.hasPrefix(Self.prefix) }.sorted()
        let path = { (name: String) in "\(folder)/\(name)" }
        return (all.filter { $0.hasPrefix(kin) }.map(path), all.filter { !$0.hasPrefix(kin) }.map(path))
    }
}
