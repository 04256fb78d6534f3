import Fleet
import Foundation
import Rollouts
import Subprocess

/// A tar archive, looked at with this machine's `tar`.
struct TarArchive: Sendable {
    let path: String
    let kind: ArchiveKind

    /// Makes sure that it can be read to its end and that nothing in it would land outside the folder it is unpacked in.
    /// - Throws: ``InputError`` that names the first entry at fault.
    func check() async throws {
        let names = try await list()
        let place = SourceLocation(file: path)
        guard names.contains(where: { $0 != "./" && $0 != "." }) else {
            throw InputError("the archive is empty", at: place)
        }
        for name in names {
            if name.hasPrefix("/") {
                throw InputError("the archive holds an absolute path: \(name)", at: place, hints: [Self.packing])
            }
            if name.split(separator: "/").contains("..") {
                throw InputError(
                    "the archive holds a path out of its folder: \(name)", at: place, hints: [Self.packing])
            }
        }
    }

    private static let packing = "pack with paths relative to the release: tar -C FOLDER -czf build.tar.gz ."

    private func list() async throws -> [String] {
        // -P keeps tar from taking the leading '/' off what it lists.
        let words = ["--list", "-P", "--quoting-style=literal", kind.flag, "--file", path]
        let result = try await Subprocess.run(
            .name("tar"), arguments: Arguments(words), output: .string(limit: 64 << 20), error: .string(limit: 1 << 16))
        guard result.terminationStatus.isSuccess else {
            let said = result.standardError.split(separator: "\n").first.map(String.init) ?? "tar failed"
            throw InputError("the archive cannot be read: \(said)", at: SourceLocation(file: path))
        }
        return result.standardOutput.split(separator: "\n").map(String.init)
    }
}

extension ArchiveKind {
    /// The flag that makes `tar` read it.
    fileprivate var flag: String {
        switch self {
        case .gzip: "--gzip"
        case .zstd: "--zstd"
        case .plain: "--no-auto-compress"
        }
    }
}
