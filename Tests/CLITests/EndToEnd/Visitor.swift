import Foundation
import TestSupport
import Testing

/// A second user with a fresh clone on a host of the lab: no home folder, no settings, no journal; the program with what it
/// links, and the keys by which whoever may change the lab's hosts reaches them.
struct Visitor: Sendable {
    private static let host = "cache2", user = "anna", clone = "/srv/clone", program = "/opt/drover"
    private let lab: ServiceLab

    /// Brings what is missing to the host.
    init(of lab: ServiceLab) async throws {
        self.lab = lab
        if try await root("test -d \(Self.clone)").status == 0 { return }
        try await root("useradd --no-create-home --home-dir /nonexistent --shell /bin/sh \(Self.user)").succeeded()
        try await withTemporaryFolder { folder in
            try await Self.gatherProgram(in: folder.appendingPathComponent("opt/drover"))
            try await Self.gatherClone(of: lab, in: folder.appendingPathComponent("srv/clone"))
            try await bring(folder)
        }
        try await root("chown -R \(Self.user): \(Self.clone) && chmod -R go= \(Self.clone)/.drover").succeeded()
    }

    /// Runs a line of the shell as the second user, in the clone, with nothing in the environment that is not said here.
    func callAsFunction(_ line: String, state: String = "state") async throws -> Transcript {
        let environment = [
            "PATH=\(Self.program):/usr/bin:/bin", "LD_LIBRARY_PATH=\(Self.program)/lib", "DROVER_SSH_CONFIG=none",
            "DROVER_STATE=\(Self.clone)/\(state)", "DROVER_INVENTORY=inventory/production.yml", "LANG=C.UTF-8",
        ]
        return try await lab.drover.run(
            Self.words + ["runuser", "-u", Self.user, "--", "env", "-i", "-C", Self.clone] + environment + [
                "sh", "-c", line,
            ])
    }

    private static let words = ["lab", "exec", "-i", "inventory/production.yml", host, "--"]

    @discardableResult
    private func root(_ line: String) async throws -> Transcript {
        try await lab.drover.run(Self.words + ["sh", "-c", line])
    }

    /// The program without what only a debugger needs, the one that staging's gate calls, and the libraries that they link but
    /// for those of every Debian.
    private static func gatherProgram(in folder: URL) async throws {
        let script = #"""
            set -eu
            mkdir -p "$2/lib"
            strip -o "$2/drover" "$1"
            cp -L "$(command -v curl)" "$2/curl"
            ldd "$1" "$2/curl" | awk '$2 == "=>" {print $3}' | while read -r file; do
              case ${file##*/} in libc.so*|libm.so*|libpthread.so*|libdl.so*|librt.so*) ;; *) cp -L "$file" "$2/lib/";; esac
            done
            """#
        try await DroverProgram.run(["sh", "-c", script, "sh", DroverProgram.binary, folder.path]).succeeded()
    }

    /// A clone by git of the files as they are, with builds to bring and the lab's keys beside it.
    private static func gatherClone(of lab: ServiceLab, in folder: URL) async throws {
        let script = #"""
            set -eu
            git init --quiet "$3"
            cp -r "$1/inventory" "$1/playbooks" "$1/drover.yml" "$1/scripts" "$3/"
            git -C "$3" add .
            git -C "$3" -c user.name=one -c user.email=one@example.org commit --quiet --message all
            git clone --quiet "$3" "$2"
            for stage in staging production; do
              mkdir -p "$2/.drover/labs/$stage"
              cp "$1/.drover/labs/$stage/id_ed25519" "$1/.drover/labs/$stage/known_hosts" "$2/.drover/labs/$stage/"
            done
            shift 3
            """#
        let words = ["sh", "-c", script, "sh", lab.folder.path, folder.path]
        _ = try await withTemporaryFolder { origin in
            try await DroverProgram.run(words + [origin.appendingPathComponent("origin").path]).succeeded()
        }
    }

    /// Unpacks the folder's contents at the host's root.
    private func bring(_ folder: URL) async throws {
        let keys = lab.folder.appendingPathComponent(".drover/labs/production").path
        let script = #"""
            tar -C "$1" --owner=0 --group=0 -cf - opt srv | ssh -F none -o BatchMode=yes -o UserKnownHostsFile="$2/known_hosts" \
              -i "$2/id_ed25519" drover@"$3" sudo tar -C / --no-overwrite-dir -xf -
            """#
        let address = "\(lab.subnets.production).32"
        try await DroverProgram.run(["bash", "-o", "pipefail", "-c", script, "sh", folder.path, keys, address])
            .succeeded()
    }

    /// A file of this machine, in the clone under the same name.
    func bring(file: String) async throws {
        let name = URL(fileURLWithPath: file).lastPathComponent
        try await withTemporaryFolder { folder in
            let place = folder.appendingPathComponent("srv/clone")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("opt"), withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: file, toPath: place.appendingPathComponent(name).path)
            try await bring(folder)
        }
    }
}
