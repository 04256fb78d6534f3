import Glibc
import Sampling

/// How full this host's file systems are.
enum MountedSystems {
    /// Each file system once, at the shortest of its paths. Those of other hosts and of processes are not asked: an answer
    /// may never come.
    static func fileSystems() -> [FileSystemSample] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        guard let table = SystemFile(path: "/proc/self/mountinfo")?.read(into: buffer) else { return [] }
        var shortest: [Substring: String] = [:]
        for line in String(decoding: table, as: UTF8.self).split(separator: "\n") {
            guard let (device, path) = mount(line) else { continue }
            if let other = shortest[device], other.utf8.count <= path.utf8.count { continue }
            shortest[device] = path
        }
        return shortest.values.sorted().compactMap(fileSystem)
    }

    /// `22 1 8:1 / /path options - ext4 /dev/sda1 …`
    private static func mount(_ line: Substring) -> (device: Substring, path: String)? {
        let words = line.split(separator: " ")
        guard words.count > 8, let dash = words.firstIndex(of: "-"), dash + 2 < words.count else { return nil }
        let kind = words[dash + 1]
        guard kind == "overlay" || words[dash + 2].hasPrefix("/dev/"), !kind.hasPrefix("fuse.") else { return nil }
        return (words[2], unescaped(words[4]))
    }

    /// Blanks and the like stand in the table as `\040`.
    private static func unescaped(_ word: Substring) -> String {
        var (bytes, rest) = ([UInt8](), Array(word.utf8)[...])
        while let byte = rest.popFirst() {
            if byte == 92, rest.count >= 3, let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                rest = rest.dropFirst(3)
                bytes.append(value)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func fileSystem(_ path: String) -> FileSystemSample? {
        var figures = statvfs()
        var kind = stat()
        // A single file may be mounted too (a container's /etc/hosts).
        guard statvfs(path, &figures) == 0, stat(path, &kind) == 0, kind.st_mode & S_IFMT == S_IFDIR,
            figures.f_blocks > 0
        else { return nil }
        let unit = Double(figures.f_frsize) / 1024
        let used = figures.f_files >= figures.f_ffree ? figures.f_files - figures.f_ffree : 0
        return FileSystemSample(
            path: path, totalKiB: Double(figures.f_blocks) * unit, availableKiB: Double(figures.f_bavail) * unit,
            filesUsed: figures.f_files > 0 ? Double(used) / Double(figures.f_files) * 100 : 0)
    }
}
