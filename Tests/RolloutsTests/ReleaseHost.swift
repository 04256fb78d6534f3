import Fleet
import Foundation
import Rollouts
import TestSupport

/// A folder that stands for a host: releases and state below it, `systemctl` and `systemd-run` that note what they were
/// asked, and scripts run by this machine's `sh`.
struct ReleaseHost {
    let name: HostName
    let folder: URL
    let layout: ReleaseLayout
    var pool: Pool

    init(in folder: URL, keeps: Int = 3) throws {
        name = try HostName("ap1")
        self.folder = folder
        layout = ReleaseLayout(
            service: "bookmark", root: folder.path + "/srv", units: ["bookmark.service"],
            stateFolder: folder.path + "/state", privilege: .login, keeps: keeps)
        pool = Pool(
            name: "bookmark", members: [PoolMember(host: name, address: "127.0.0.1", port: 1)], configFile: "/none")
        try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
        for program in ["systemctl", "systemd-run"] {
            try write(
                """
                #!/bin/sh
                case "$*" in is-active*) echo active; exit 0;; esac
                echo "\(program) $*" >>\(folder.path)/asked
                [ ! -f \(folder.path)/refuses ] || case "$*" in restart*) echo "Job failed" >&2; exit 1;; esac
                """, to: programs.appendingPathComponent(program))
        }
    }

    private var programs: URL { folder.appendingPathComponent("programs") }

    private func write(_ text: String, to file: URL) throws {
        try text.write(to: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }

    /// What changes its releases, with a lease's token.
    func releases(token: Int64 = 1, builds: [StoredBuild] = []) -> ShellReleases {
        let shell = LocalHostTransport(shell: LocalShellTransport(host: name), programs: programs)
        return ShellReleases(
            layout: layout, pool: pool, token: token, dial: { _ in shell },
            findBuild: { release in builds.first { $0.digest.release == release } })
    }

    /// A build whose one file says `text`, packed as `flag` says.
    func build(_ text: String, kind: ArchiveKind = .gzip) async throws -> StoredBuild {
        let source = folder.appendingPathComponent("build-\(text)")
        try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
        try text.write(to: source.appendingPathComponent("VERSION"), atomically: true, encoding: .utf8)
        let archive = folder.path + "/\(text).\(kind.rawValue)"
        let flag = [ArchiveKind.gzip: "-z", .zstd: "--zstd", .plain: "--no-auto-compress"][kind] ?? ""
        _ = try await DroverProgram.run(["tar", "-C", source.path, flag, "-cf", archive, "."])
        let sum = try await DroverProgram.run(["sha256sum", archive])
        return StoredBuild(digest: try BuildDigest(String(sum.output.prefix(64))), path: archive, kind: kind)
    }

    /// What `current/VERSION` says.
    var version: String? { try? String(contentsOfFile: layout.root + "/current/VERSION", encoding: .utf8) }

    /// What `systemctl` and `systemd-run` were asked, since the last time.
    func asked() throws -> [String] {
        let file = folder.path + "/asked"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
        try FileManager.default.removeItem(atPath: file)
        return text.split(separator: "\n").map(String.init)
    }

    /// Makes `systemctl restart` fail from now on.
    func refuseRestarts() throws { try write("", to: folder.appendingPathComponent("refuses")) }

    /// Runs what the host's timer would.
    func letTimerFire() async throws {
        let path = "PATH=\(programs.path):/usr/bin:/bin"
        _ = try await DroverProgram.run(["env", path, "/bin/sh", layout.stateFolder + "/revert"])
    }

    var releaseNames: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: layout.root + "/releases").sorted() }
    }
}
