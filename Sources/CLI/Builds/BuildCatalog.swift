import Fleet
import Foundation
import Rollouts
import Subprocess

/// The builds that the journal knows and the store holds.
struct BuildCatalog: Sendable {
    let journal: any RunJournal
    let store: BuildStore
    /// Hears what is odd about a build that is taken all the same.
    var terminal: Terminal?

    /// Puts a file into the store and records where it came from.
    func add(_ file: String, name: String? = nil, provenance: [String: String] = [:]) async throws -> BuildRecord {
        let (digest, size) = try await store.add(file)
        if let top = store.contents(of: digest)?.soleFolder {
            terminal?.warn("\(file): everything in it lies in the folder \(top)/")
            terminal?.say("hint: if that is not meant: tar -C \(top) -czf build.tar.gz .")
        }
        var origin = await Self.origin(of: file)
        origin.merge(provenance) { _, given in given }
        return try await journal.add(
            BuildRecord(
                digest: digest.description, name: name ?? (file as NSString).lastPathComponent, size: size,
                addedAt: Controller.now(), provenance: origin))
    }

    /// The build that `text` names: a file, which is added, or the beginning of a digest.
    func resolve(_ text: String) async throws -> BuildRecord {
        if text.contains("/") || FileManager.default.fileExists(atPath: text) { return try await add(text) }
        guard text.count >= 4, text.allSatisfy(\.isHexDigit) else {
            throw InputError(
                "'\(text)' is neither a file nor the beginning of a digest",
                hints: ["give a file, or at least 4 digits of a build's digest: drover build list"])
        }
        return try await journal.build(text.lowercased())
    }

    private static func origin(of file: String) async -> [String: String] {
        var origin = ["user": Controller.user, "host": Controller.machine]
        let folder = (file as NSString).deletingLastPathComponent
        let words = ["-C", folder.isEmpty ? "." : folder, "rev-parse", "HEAD"]
        // A build from outside a repository, or a machine without git, has no commit to tell.
        let answer = try? await Subprocess.run(
            .name("git"), arguments: Arguments(words), output: .string(limit: 256), error: .discarded)
        if let answer, answer.terminationStatus.isSuccess {
            origin["commit"] = answer.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return origin
    }
}
