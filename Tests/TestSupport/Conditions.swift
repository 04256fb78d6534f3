import Foundation
public import Testing

extension Trait where Self == ConditionTrait {
    /// Skips where no sshd can be started.
    public static var sshd: Self {
        .enabled("needs /usr/sbin/sshd and root") {
            FileManager.default.isExecutableFile(atPath: "/usr/sbin/sshd") && getuid() == 0
        }
    }
}
