import CLibSSH2

/// What the installed libssh2 can do, told by its version when the program runs: a build for one version runs with others.
struct SSHLibrary: Sendable, Equatable {
    /// As it says itself: `1.10.0`.
    let version: String
    private let number: [Int]

    init(version: String) {
        self.version = version
        number = version.split(separator: ".").map { Int($0.prefix(while: \.isNumber)) ?? 0 }
    }

    /// The one that this process has loaded.
    static let installed = SSHLibrary(version: libssh2_version(0).map { String(cString: $0) } ?? "")

    /// Whether RSA keys, hosts' and users', sign with SHA-2: today's sshd refuses their SHA-1.
    var signsRSAWithSHA2: Bool { !number.lexicographicallyPrecedes([1, 11]) }

    /// Its name for messages, with as much of the version as matters.
    var name: String { "libssh2 \(number.prefix(2).map(String.init).joined(separator: "."))" }

    /// Why a private RSA key can't be used; `nil` when it can.
    var flawOfRSA: String? {
        signsRSAWithSHA2
            ? nil : "is an RSA key, which \(name) signs only with SHA-1, and today's sshd refuses that"
    }

    /// Kinds of signatures by a host's key of a kind, the ones to ask for first.
    func names(of algorithm: HostKeyAlgorithm) -> [String] {
        algorithm == .rsa && signsRSAWithSHA2
            ? ["rsa-sha2-512", "rsa-sha2-256", algorithm.rawValue] : [algorithm.rawValue]
    }

    /// Names in the order to ask for: those of `known` first, so that the host shows a key that can be checked.
    func hostKeyPreference(knowing known: [HostKeyAlgorithm]) -> String {
        (known + HostKeyAlgorithm.allCases.filter { !known.contains($0) }).flatMap(names).joined(separator: ",")
    }
}
