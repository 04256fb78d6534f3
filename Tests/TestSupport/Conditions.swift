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

    /// Skips where nobody can be made another user by sudo without a password.
    public static var sudo: Self {
        .enabled("needs sudo and root") {
            FileManager.default.isExecutableFile(atPath: "/usr/bin/sudo") && getuid() == 0
        }
    }
}
