import Fleet
import OrderedCollections
import Values

/// Processors, memory and mounted file systems.
enum HardwareFacts {
    static let names = [
        "processor", "processor_count", "processor_cores", "processor_threads_per_core", "processor_vcpus",
        "processor_nproc", "memtotal_mb", "memfree_mb", "swaptotal_mb", "swapfree_mb", "memory_mb", "mounts",
    ]

    static let lines = [
        "printf '@@ files\\n'",
        "grep -sHE '^(Mem|Swap|Buffers|Cached|processor|model name|vendor_id|physical id|core id|cpu cores|siblings)'"
            + " /proc/meminfo /proc/cpuinfo",
        "grep -sH '^/' /proc/mounts",
        "printf '@@ nproc\\n'; nproc",
        "printf '@@ df\\n'; df -P -k -T -x tmpfs -x devtmpfs -x overlay -x squashfs",
    ]

    static func parse(_ parts: FactParts) -> Variables {
        let files = parts.files("files")
        var facts = memory(pairs(files["/proc/meminfo"] ?? []))
        facts.merge(processors(files["/proc/cpuinfo"] ?? [], usable: Int(parts.first("nproc")))) { $1 }
        facts["mounts"] = .list(mounts(files["/proc/mounts"] ?? [], sizes: parts["df"]))
        return facts
    }

    private static func pairs(_ lines: [Substring]) -> [(key: String, value: String)] {
        lines.compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let key = line[..<colon].reversed().drop { $0 == "\t" || $0 == " " }.reversed()
            return (String(key), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
    }

    private static func memory(_ pairs: [(key: String, value: String)]) -> Variables {
        func megabytes(_ key: String) -> Int {
            let text = pairs.first { $0.key == key }?.value.prefix { $0 != " " } ?? "0"
            return max(0, Int(text) ?? 0) / 1024
        }
        let (total, free) = (megabytes("MemTotal"), megabytes("MemFree"))
        let idle = free + megabytes("Cached") + megabytes("Buffers")
        let (swap, swapFree) = (megabytes("SwapTotal"), megabytes("SwapFree"))
        return [
            "memtotal_mb": .int(total), "memfree_mb": .int(free), "swaptotal_mb": .int(swap),
            "swapfree_mb": .int(swapFree),
            "memory_mb": .map([
                "real": .map(["total": .int(total), "used": .int(total - free), "free": .int(free)]),
                "nocache": .map(["free": .int(idle), "used": .int(total - idle)]),
                "swap": .map([
                    "total": .int(swap), "free": .int(swapFree), "used": .int(swap - swapFree),
                    "cached": .int(megabytes("SwapCached")),
                ]),
            ]),
        ]
    }

    private static func processors(_ lines: [Substring], usable: Int?) -> Variables {
        let pairs = pairs(lines)
        func values(_ key: String) -> [String] { pairs.filter { $0.key == key }.map(\.value) }
        let threads = max(values("processor").count, 1)
        let sockets = max(Set(values("physical id")).count, 1)
        let cores = values("cpu cores").first.flatMap { Int($0) } ?? max(threads / sockets, 1)
        let siblings = values("siblings").first.flatMap { Int($0) } ?? cores
        let described = pairs.filter { ["processor", "vendor_id", "model name"].contains($0.key) }
        return [
            "processor": .list(described.map { .string($0.value) }), "processor_count": .int(sockets),
            "processor_cores": .int(cores), "processor_threads_per_core": .int(max(siblings / max(cores, 1), 1)),
            "processor_vcpus": .int(threads), "processor_nproc": .int(usable ?? threads),
        ]
    }

    private static func mounts(_ lines: [Substring], sizes: [Substring]) -> [Value] {
        var kilobytes: [Substring: (total: Int, available: Int)] = [:]
        for line in sizes {
            let fields = line.split(separator: " ", maxSplits: 6, omittingEmptySubsequences: true)
            guard fields.count == 7, let total = Int(fields[2]), let available = Int(fields[4]) else { continue }
            kilobytes[fields[6]] = (total, available)
        }
        return lines.compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count >= 4 else { return nil }
            var mount: Variables = [
                "mount": .string(String(fields[1])), "device": .string(String(fields[0])),
                "fstype": .string(String(fields[2])), "options": .string(String(fields[3])),
            ]
            if let size = kilobytes[fields[1]] {
                mount["size_total"] = .int(size.total.multiplied(by: 1024))
                mount["size_available"] = .int(size.available.multiplied(by: 1024))
            }
            return mount.asMap
        }
    }
}
