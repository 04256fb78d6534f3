import Fleet
import Foundation
import TestSupport

@testable import Rollouts

/// A folder that stands for a host: releases and state below it, a `systemctl` that notes what it was asked,
/// and scripts run by this machine's `sh`.
struct ReleaseHost {
    let name: HostName
    let folder: URL
    let layout: ReleaseLayout
    var pool: Pool

    init(in folder: URL, keeps: Int = 3) throws {
        name = try HostName("ap1")
        self.folder = folder
        layout = ReleaseLayout(
            service: "bookmark", stage: "production", root: folder.path + "/srv", units: ["bookmark.service"],
            stateFolder: folder.path + "/state", unitFolder: folder.path + "/units", privilege: .login, keeps: keeps)
        pool = Pool(
            name: "bookmark", members: [PoolMember(host: name, address: "127.0.0.1", port: 1)], configFile: "/none")
        try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
        try write(
            """
            #!/bin/sh
            case "$*" in
            "is-active "*.timer) [ ! -f "\(folder.path)/units/$2" ] || echo active; exit 0;;
            is-active*) echo active; exit 0;;
            "show --property=LoadState"*) [ ! -f \(folder.path)/reads ] || echo loaded; exit 0;;
            "show --property=EnvironmentFiles"*) cat \(folder.path)/reads 2>/dev/null; exit 0;;
            "show --property=ActiveState"*) cat \(folder.path)/condition 2>/dev/null || echo ActiveState=active; exit 0;;
            show*) cat \(folder.path)/show 2>/dev/null; exit 0;;
            esac
            echo "systemctl $*" >>\(folder.path)/asked
            [ ! -f \(folder.path)/refuses ] || case "$*" in restart*) echo "Job failed" >&2; exit 1;; esac
            """, to: programs.appendingPathComponent("systemctl"))
    }

    /// Makes `systemctl show` say what the service's unit starts.
    func unitStarts(_ words: String) throws {
        let path = words.split(separator: " ").first ?? ""
        try write(
            "ExecStart={ path=\(path) ; argv[]=\(words) ; ignore_errors=no ; pid=0 }\n",
            to: folder.appendingPathComponent("show"))
    }

    /// Makes `systemctl show` say from which file the service's unit, which is there from now on, reads variables.
    func unitReads(_ path: String) throws {
        try write("EnvironmentFiles=\(path) (ignore_errors=yes)\n", to: folder.appendingPathComponent("reads"))
    }

    /// Puts a program of the test's own before the machine's.
    func replace(_ program: String, by script: String) throws {
        try write("#!/bin/sh\n\(script)\n", to: programs.appendingPathComponent(program))
    }

    private var programs: URL { folder.appendingPathComponent("programs") }

    private func write(_ text: String, to file: URL) throws {
        try text.write(to: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }

    /// What changes its releases, with a lease's token.
    func releases(
        token: Int64 = 1, builds: [StoredBuild] = [], settings: [SettingsFile] = [], delivery: DeltaDelivery? = nil
    ) -> ShellReleases {
        let shell = LocalHostTransport(shell: LocalShellTransport(host: name), programs: programs)
        return ShellReleases(
            layout: layout, pool: pool, token: token, dial: { _ in shell },
            findBuild: { digest in builds.first { $0.digest == digest } },
            findSettings: { id in
                guard let file = settings.first(where: { $0.id == id }) else {
                    return try await ShellReleases.noSettings(id)
                }
                return file
            }, delivery: delivery)
    }

    /// A build whose `VERSION` says `text`, with an executable `program` if it is named.
    func build(_ text: String, kind: ArchiveKind = .gzip, program: String? = nil) async throws -> StoredBuild {
        let source = folder.appendingPathComponent("build-\(text)")
        try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
        try text.write(to: source.appendingPathComponent("VERSION"), atomically: true, encoding: .utf8)
        if let program {
            let file = source.appendingPathComponent(program)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try write("#!/bin/sh\n", to: file)
        }
        let archive = folder.path + "/\(text).\(kind.rawValue)"
        let flag = [ArchiveKind.gzip: "-z", .zstd: "--zstd", .plain: "--no-auto-compress"][kind] ?? ""
        _ = try await DroverProgram.run(["tar", "-C", source.path, flag, "-cf", archive, "."])
        let sum = try await DroverProgram.run(["sha256sum", archive])
        return StoredBuild(digest: try BuildDigest(String(sum.output.prefix(64))), path: archive, kind: kind)
    }

    /// What `current/VERSION` says.
    var version: String? { try? String(contentsOfFile: layout.root + "/current/VERSION", encoding: .utf8) }

    /// What `systemctl` was asked to do, since the last time.
    func asked() throws -> [String] {
        let file = folder.path + "/asked"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
        try FileManager.default.removeItem(atPath: file)
        return text.split(separator: "\n").map(String.init)
    }

    /// What `systemctl show` prints from now on.
    func show(_ properties: String) throws { try write(properties, to: folder.appendingPathComponent("condition")) }

    /// Makes `systemctl restart` fail from now on.
    func refuseRestarts() throws { try write("", to: folder.appendingPathComponent("refuses")) }

    /// The script that goes back, kept for a moment at which the host has none any more.
    func revertScript() throws -> String {
        let kept = folder.path + "/kept-revert"
        try FileManager.default.copyItem(atPath: layout.stateFolder + "/revert", toPath: kept)
        return kept
    }

    /// Runs what the host's timer would.
    func letTimerFire(_ script: String? = nil) async throws {
        _ = try await runBeside([script ?? layout.stateFolder + "/revert"]).succeeded()
    }

    /// Runs what the host would while it boots, as another boot than the one that armed it, or the same.
    func letBoot(isSame: Bool = false) async throws {
        if !isSame { try write("0\n", to: URL(fileURLWithPath: layout.stateFolder + "/armed")) }
        _ = try await runBeside([layout.stateFolder + "/revert", "boot"]).succeeded()
    }

    private func runBeside(_ words: [String]) async throws -> Transcript {
        try await DroverProgram.run(["env", "PATH=\(programs.path):/usr/bin:/bin", "/bin/sh"] + words)
    }

    /// A unit's text.
    func unit(_ name: String) throws -> String {
        try String(contentsOfFile: layout.unitFolder + "/" + name, encoding: .utf8)
    }

    /// The files of the wait for a confirmation that are on the host.
    var waiting: [String] {
        get throws {
            let files = FileManager.default
            let state = ["unconfirmed", "revert", "armed"].filter {
                files.fileExists(atPath: layout.stateFolder + "/" + $0)
            }
            guard files.fileExists(atPath: layout.unitFolder) else { return state }
            let units = try files.subpathsOfDirectory(atPath: layout.unitFolder).filter { $0.contains("drover") }
            return state + units.sorted()
        }
    }

    /// What is in the folder of releases, but for their archives.
    var releaseNames: [String] { get throws { try names.filter { !$0.hasPrefix(".archive-") } } }

    /// The digests of the archives that are kept.
    var archives: [String] {
        get throws { try names.filter { $0.hasPrefix(".archive-") }.map { String($0.dropFirst(9)) } }
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: layout.root + "/releases").sorted() }
    }
}
