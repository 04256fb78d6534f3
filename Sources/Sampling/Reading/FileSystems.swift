extension FileSystemSample {
    /// What `df -P -k` and `df -P -i` print: `device blocks used available share path`, a head line above.
    ///
    /// Only what stands on a disk of some kind: the kernel's own file systems are no bigger than memory.
    static func read(sizes: [UInt8]?, inodes: [UInt8]?) -> [FileSystemSample] {
        var filesUsed: [String: Double] = [:]
        for row in rows(inodes ?? []) where row.total > 0 {
            filesUsed[row.path] = (Double(row.used) / Double(row.total)) * 100
        }
        var seen: Set<String> = []
        return rows(sizes ?? []).compactMap { row in
            guard row.total > 0, !memoryOnly.contains(row.device), seen.insert(row.path).inserted else { return nil }
            return FileSystemSample(
                path: row.path, totalKiB: Double(row.total), availableKiB: Double(row.available),
                filesUsed: filesUsed[row.path] ?? 0)
        }
    }

    private static let memoryOnly: Set = ["tmpfs", "devtmpfs", "udev", "none", "shm", "run", "efivarfs"]

    private struct Row {
        var device, path: String
        var total, used, available: UInt64
    }

    private static func rows(_ bytes: [UInt8]) -> [Row] {
        TextLines(bytes).compactMap { line in
            let words = Array(Words(line))
            // A device's name may hold blanks; the share is the first word that ends in `%` after three numbers.
            for place in words.indices.dropFirst(4) where words[place].last == 37 || words[place].elementsEqual([45]) {
                guard let total = words[place - 3].number, let used = words[place - 2].number,
                    let available = words[place - 1].number, place + 1 < words.count
                else { continue }
                let path = line[words[place + 1].startIndex...].text
                let device = words[..<(place - 3)].map(\.text).joined(separator: " ")
                return Row(device: device, path: path, total: total, used: used, available: available)
            }
            return nil
        }
    }
}
