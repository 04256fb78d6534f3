import Foundation
import TestSupport
import Testing

/// What `make package` has made, on hosts that have no toolchain.
@Suite(
    .labHosts, .serialized, .enabled("a part of make test-long") { LongForm.isAsked },
    .timeLimit(.minutes(15)))
struct PackageEndToEndTests {
    private static let folder = DroverProgram.repository.appendingPathComponent(".build/packages")
    private static let shared = [
        "bash-completion/completions/drover", "fish/vendor_completions.d/drover.fish", "man/man1/drover.1.gz",
        "man/man1/drover-lab-up.1.gz",
    ]

    private static func made(_ suffix: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try #require(names.first { $0.hasSuffix(suffix) }, "make package has made no \(suffix)")
    }

    @Test(arguments: [("old", "new"), ("new", "old")])
    func bothRunOnABareHost(host: String, other: String) async throws {
        let package = try Self.made(".deb"), tarball = try Self.made(".tar.xz")
        try await ReleaseLab.run { lab in
            for kind in ["ed25519", "rsa"] { try await lab.introduce(host, to: other, key: kind) }
            // Without `ssh`, nobody else can have logged in.
            try await lab.on(host, "chmod -x /usr/bin/ssh").succeeded()
            let bring = #"cp "$2/$3" "$1/root/"; tar -C "$1/opt" -xJf "$2/$4""#
            try await lab.beside(host, bring, Self.folder.path, package, tarball)
            try await theTarball(tarball, lab, host)
            try await thePackage(package, lab, host)
        }
    }

    /// The blocks of docs/packaging.md, of which `make package` is what has made the packages.
    @Test func thePageIsTypedAsItStands() async throws {
        let page = try Guide("docs/packaging.md").steps.map(\.command)
        #expect(page.count == 5 && page[1].hasPrefix("make package"))
        let package = try Self.made(".deb")
        try await ReleaseLab.run { lab in
            try await lab.drover("lab", "down", "-i", "hosts.yml").succeeded()
            let inventory = lab.folder.appendingPathComponent("hosts.yml")
            let newer = try String(contentsOf: inventory, encoding: .utf8).replacing(#/ +old:.*\n/#, with: "")
            try lab.write("hosts.yml", newer)
            let repository = DroverProgram.repository.path
            let drover = "cd \(repository)\ndrover() { '\(DroverProgram.binary)' \"$@\"; }\n"
            for step in [page[0]] + page[2...] {
                let line = step.replacing("hosts.yml", with: inventory.path).replacing(
                    "drover_0.1.0_amd64.deb", with: package
                ).replacing("DESTDIR=", with: "DESTDIR=\(lab.folder.path)/root")
                let done = try await lab.drover.runBeside(["sh", "-c", drover + line])
                #expect(done.status == 0, "\(line)\n\(done.output)\(done.errors)")
                #expect(done.output.contains(#/(?m)^[EWI]: drover/#) == false, "\(done.output)")
            }
            let program = lab.folder.path + "/root/usr/local/bin/drover"
            #expect(FileManager.default.isExecutableFile(atPath: program))
        }
    }

    /// The host has neither libssh2 nor SQLite nor a C++ runtime to link.
    private func theTarball(_ name: String, _ lab: ReleaseLab, _ host: String) async throws {
        let place = "/opt/" + name.replacingOccurrences(of: ".tar.xz", with: "")
        let files = (Self.shared + ["zsh/site-functions/_drover"]).map { "\(place)/share/\($0)" }
        try await lab.on(host, "ls \(files.joined(separator: " "))").succeeded()
        try await use("\(place)/bin/drover", lab, host, keys: ["ed25519", "rsa"])
    }

    private func thePackage(_ name: String, _ lab: ReleaseLab, _ host: String) async throws {
        try await lab.on(host, "apt-get install -qy --no-install-recommends man-db /root/\(name) >&2").succeeded()
        let files = (Self.shared + ["zsh/vendor-completions/_drover"]).map { "/usr/share/\($0)" }
        try await lab.on(host, "dpkg -V drover; ls \(files.joined(separator: " "))").succeeded()
        let page = try await lab.on(host, "man -w drover; man -w drover-lab-up; man drover | head -n 20").succeeded()
        #expect(page.output.contains("/usr/share/man/man1/drover.1.gz"), "\(page.output)")
        #expect(page.output.contains("drover-lab-up.1.gz"), "\(page.output)")
        // Debian 12's library has no RSA that today's sshd takes.
        try await use("drover", lab, host, keys: host == "new" ? ["ed25519", "rsa"] : ["ed25519"])
        let purge = try await lab.on(host, "apt-get purge -qy drover >&2; ls -d /usr/share/doc/drover /usr/bin/drover")
        #expect(purge.output == "", "\(purge.output)")
    }

    private func use(_ program: String, _ lab: ReleaseLab, _ host: String, keys: [String]) async throws {
        let version = try await lab.on(host, "\(program) --version").succeeded()
        #expect(version.output.wholeMatch(of: /drover \d+\.\d+\.\d+\n/) != nil, "\(version.output)")
        // Opens a journal, by SQLite.
        try await lab.on(host, "cd /root && \(program) build list && rm .drover/journal.sqlite").succeeded()
        for kind in keys {
            let line = "DROVER_SSH_CONFIG=none \(program) ping -i /root/\(kind)/hosts.ini all"
            let ping = try await lab.on(host, line)
            #expect(ping.status == 0, "\(program) \(kind): \(ping.output)\(ping.errors)")
        }
    }
}
