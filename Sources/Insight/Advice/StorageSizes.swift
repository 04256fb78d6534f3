/// What a choice comes to in bytes, operations, hosts and memory, and what to heed with it.
struct StorageSizes {
    let needs: StorageNeeds
    let kind: StorageKind

    /// How often each byte that is written reaches a disk: with a database also in its log of changes for replicas.
    private var writes: Double {
        switch kind {
        case .database: 1 + needs.copies
        case .keyValueCache: 0
        default: needs.copies
        }
    }

    /// Bytes that most reads are for.
    private var workingSet: Double { kind == .keyValueCache ? needs.bytes : needs.bytes * needs.hotShare }

    private func count(_ value: Double) -> Double { value.isFinite ? max(1, (value - 1e-9).rounded(.up)) : 1 }

    private var hosts: Double {
        let disk = count(needs.bytes / (StorageRules.diskShare * needs.host.diskBytes))
        let memory = count(workingSet / (0.7 * needs.host.memoryBytes))
        switch kind {
        case .database, .files: return needs.copies
        case .keyValueCache: return memory
        case .keyValueStore:
            let commits = count(needs.changes / (needs.host.commits / 2))
            return max(disk, commits, memory) * needs.copies
        case .distributedFiles: return max(disk * needs.copies, needs.copies < 2 ? 2 : needs.copies)
        }
    }

    var figures: [StorageAdvice.Figure] {
        func figure(_ name: String, _ value: Double, _ unit: String) -> StorageAdvice.Figure {
            StorageAdvice.Figure(name: name, value: value, unit: unit)
        }
        return [
            figure("bytes in all", needs.bytes, "bytes"),
            figure("bytes with all copies", needs.bytes * (kind == .keyValueCache ? 1 : needs.copies), "bytes"),
            figure("changes", needs.changes, "/s"), figure("reads", needs.reads, "/s"),
            figure("bytes a second that reach disks", needs.changes * needs.averageBytes * writes, "bytes"),
            figure("bytes a second that are read", needs.reads * needs.averageBytes, "bytes"),
            figure("commits that one primary bears", needs.host.commits, "/s"),
            figure("working set", workingSet, "bytes"),
            figure(
                "memory for it on each host", workingSet / max(1, kind == .database ? 1 : hosts / needs.copies), "bytes"
            ),
            figure("hosts", hosts, ""),
        ]
    }

    var remarks: [String] {
        var remarks: [String] = []
        if kind == .database { remarks += database }
        if kind == .distributedFiles {
            remarks.append(
                "give GlusterFS three copies of everything, or two and an arbiter: with two a split can't be mended by itself"
            )
            remarks.append(
                "network.ping-timeout of 10 s: with its default all writes stand still for 42 s when a host goes")
        }
        if [.files, .distributedFiles].contains(kind) {
            remarks.append(
                "names, sizes and what is searched for go into a database; paths in folders of two levels, by hash")
        }
        if kind == .keyValueCache {
            remarks.append("what is not in it has to be made again: expect that for all of a host's share when it goes")
        }
        if kind == .keyValueStore, needs.isRelational {
            remarks.append("what is searched for goes into a database beside it")
        }
        let ratio = needs.changes > 0 ? needs.reads / needs.changes : needs.reads > 0 ? .infinity : 0
        if ratio >= 10 {
            remarks.append("\(FigureText.number(ratio)) reads for each change: a cache and copies to read from pay")
        } else if ratio < 2 {
            remarks.append(
                "\(FigureText.number(ratio)) reads for each change: neither a cache nor copies to read from pay")
        }
        return remarks
    }

    private var database: [String] {
        var remarks = [
            "InnoDB, not MyISAM: MyISAM has no transactions, locks the whole table for each write, may need repair after a crash, "
                + "and keeps only indexes in memory; it serves tables that are only read and can be made again"
        ]
        if needs.averageBytes > 8192 {
            remarks.append(
                "rows over 8 KiB go to overflow pages: keep the object in a table of its own, apart from what is searched for"
            )
        }
        if needs.changes * needs.copies > needs.host.commits / 2 {
            remarks.append(
                "its changes are over half of what one primary commits: batches, a faster disk, or shards by key")
        }
        if needs.bytes > StorageRules.diskShare * needs.host.diskBytes {
            remarks.append("it is over 70 % of one host's disk: a bigger disk, or shards by key")
        }
        if workingSet > 0.7 * needs.host.memoryBytes {
            remarks.append(
                "its working set does not fit into 70 % of a host's memory, as a buffer pool: more memory, or shards")
        }
        return remarks
    }
}
