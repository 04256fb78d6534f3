import Fleet
import Foundation

/// Writes files that are not there yet: all of them, or none.
struct StarterWriting: Sendable {
    let folder: String
    let files: [StarterFiles.File]

    /// - Throws: ``InputError`` that lists the files that are there already; one that names a file that cannot be written.
    func write() throws(InputError) {
        let present = files.filter { isThere($0.path) }
        guard present.isEmpty else {
            let names = present.map(\.path)
            throw InputError(
                "\(names.count == 1 ? "there is a file" : "there are files") already that would be written: "
                    + names.joined(separator: ", "),
                hints: [
                    "nothing was written; move \(names.count == 1 ? "it" : "them") away, or begin in another folder"
                ])
        }
        var written: [String] = []
        for file in files {
            do throws(InputError) {
                try write(file)
                written.append(file.path)
            } catch {
                for path in written { unlink("\(folder)/\(path)") }
                throw error
            }
        }
    }

    private func isThere(_ path: String) -> Bool {
        var status = stat()
        return lstat("\(folder)/\(path)", &status) == 0
    }

    /// A file that somebody else makes meanwhile stays theirs.
    private func write(_ file: StarterFiles.File) throws(InputError) {
        let path = "\(folder)/\(file.path)"
        do {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(file.text.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        } catch {
            throw InputError(
                "the file cannot be written: \(error.localizedDescription)", at: SourceLocation(file: file.path),
                hints: ["see whether the folder is yours to write: ls -ld \(RemoteCommand.quote(folder))"])
        }
    }
}
