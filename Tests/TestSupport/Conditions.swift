import Foundation
public import Testing

extension Trait where Self == ConditionTrait {
    /// Skips where no sshd can be started.
    public static var sshd: Self {
        .enabled("needs /usr/sbin/sshd and root") {
            FileManager.default.isExecutableFile(atPath: "/usr/sbin/sshd") && getuid() == 0
        }
    }

    /// Skips where no lab host can be booted.
    public static var labHosts: Self {
        .enabled("needs root and systemd-nspawn") {
            FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-nspawn") && getuid() == 0
        }
    }

    /// Skips where this machine's mirror has no Debian 13 for the lab, as `apt` sees it.
    public static var debian13: Self {
        let look = """
            mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
            file=$(mktemp) && trap 'rm -f "$file"' EXIT
            /usr/lib/apt/apt-helper download-file "${mirror}dists/trixie/InRelease" "$file"
            """
        return .enabled("needs a mirror that has Debian 13") {
            try await DroverProgram.run(["sh", "-c", look]).status == 0
        }
    }

    /// Skips where nobody can be made another user by sudo without a password.
    public static var sudo: Self {
        .enabled("needs sudo and root") {
            FileManager.default.isExecutableFile(atPath: "/usr/bin/sudo") && getuid() == 0
        }
    }
}
