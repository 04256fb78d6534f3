import Foundation

/// A user of this machine with a password, for the length of one test. Needs root.
public struct ThrowawayUser: Sendable {
    /// Login name.
    public let name: String
    /// Password, which stands in no process's arguments.
    public let password: String

    /// Runs `body` with a user who is in `groups` and has `shell`, and removes the user and everything that runs as the user.
    public static func with<Result>(
        groups: [String] = [], shell: String = "/bin/sh", _ body: (ThrowawayUser) async throws -> Result
    ) async throws -> Result {
        let number = UInt32.random(in: 100_000...999_999)
        let user = ThrowawayUser(name: "drv\(number)", password: "pass-\(number)-word \"quoted\"")
        let lists = groups.isEmpty ? [] : ["--groups", groups.joined(separator: ",")]
        try await run(["useradd", "--no-create-home", "--home-dir", "/", "--shell", shell] + lists + [user.name])
        do {
            try await withTemporaryFolder { folder in
                let file = folder.appendingPathComponent("line")
                try "\(user.name):\(user.password)\n".write(to: file, atomically: true, encoding: .utf8)
                try await run(["sh", "-c", "exec chpasswd <\"$1\"", "sh", file.path])
            }
            let result = try await body(user)
            await remove(user)
            return result
        } catch {
            await remove(user)
            throw error
        }
    }

    private static func remove(_ user: ThrowawayUser) async {
        // Whatever is left of the user can't be helped here; the next line says if the user is.
        _ = try? await DroverProgram.run(["pkill", "-KILL", "-u", user.name])
        _ = try? await DroverProgram.run(["userdel", "--force", user.name])
    }

    private static func run(_ words: [String]) async throws {
        let transcript = try await DroverProgram.run(words)
        guard transcript.status == 0 else { throw ThrowawaySSHD.Fault(text: transcript.errors) }
    }
}
