import Foundation
import Subprocess

/// What git knows of a folder.
public struct FolderRevision: Sendable, Hashable {
    /// The commit that it is at.
    public let commit: String
    /// The second since 1970 in which that was made.
    let time: Int64
    /// The nearest tag and how far it is away, else the beginning of the commit.
    let version: String
    /// How many paths differ from the commit, those that it does not have among them.
    public let changes: Int

    /// What git says of `folder`; `nil` outside a working tree, before the first commit, and on a machine without git.
    static func of(_ folder: String) async -> Self? {
        // What cannot be asked has nothing to tell.
        let answer = try? await Subprocess.run(
            .name("sh"), arguments: ["-c", script, "sh", folder], output: .string(limit: 4096), error: .discarded)
        guard let answer, answer.terminationStatus.isSuccess else { return nil }
        let lines = answer.standardOutput.split(separator: "\n").map(String.init)
        let words = lines.first?.split(separator: " ").map(String.init) ?? []
        guard lines.count == 3, words.count == 2, let time = Int64(words[1]), let changes = Int(lines[2]) else {
            return nil
        }
        return Self(commit: words[0], time: time, version: lines[1], changes: changes)
    }

    private static let script = """
        set -e
        ask() { git --no-optional-locks -c log.showSignature=false -C "$folder" "$@"; }
        folder=$1
        test "$(ask rev-parse --is-inside-work-tree)" = true
        ask log -1 --format='%H %ct'
        ask describe --tags --always
        ask status --porcelain -- ':(top)' ':(top,exclude,glob)**/.drover/**' | wc -l
        """
}
