import Fleet
import Foundation

/// One of a host's disks on this machine: a sparse file with an ext4 of its own.
struct DiskImage: Sendable {
    let disk: LabDisk
    /// Where the host's disks are kept.
    let folder: String

    private var name: String { String(disk.path.dropFirst()).replacing("/", with: "+") }
    private var file: String { "\(folder)/\(name).ext4" }
    /// Where it is mounted, in the namespace of the host's keeper alone.
    var mountPoint: String { "\(folder)/\(name)" }

    /// The shell's words that mount it. The kernel lets go of the loop device with the last mount.
    var mountLine: String { "mount -t ext4 -o loop \(quoted(file)) \(quoted(mountPoint))" }

    /// The shell's word with which systemd-nspawn shows it to the host. A path inside never leads out of the host.
    var bindWord: String { quoted("--bind=\(mountPoint.replacing(":", with: "\\:")):\(disk.path)") }

    /// Bytes of this machine's disk that it takes by now.
    var taken: Int {
        var status = stat()
        return stat(file, &status) == 0 ? Int(status.st_blocks) * 512 : 0
    }

    /// Makes the disk unless it is there. One that is half made is made anew: it gets its name when it is whole.
    func make() async throws(LabError) {
        let script = """
            mkdir -p "$2"
            [ ! -e "$1" ] || exit 0
            rm -f "$1.new"
            truncate -s "$3" "$1.new"
            mkfs.ext4 -q -F -m 0 "$1.new"
            mv "$1.new" "$1"
            """
        do {
            try await Tool.script(script, [file, mountPoint, String(disk.size.bytes)]).run()
        } catch {
            throw LabError(
                error.code, "its disk at \(disk.path) could not be made: \(error.message)",
                hints: ["see what is left under \(folder) with: df -h"])
        }
    }

    private func quoted(_ word: String) -> String { RemoteCommand.quote(word) }
}
