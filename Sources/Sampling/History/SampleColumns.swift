// What a disk, a device and a file system are in a history and in its text: a name, and numbers in this order.

extension DiskSample {
    static let columns = ["transfers", "read", "written", "discarded", "size", "queue", "wait", "utilisation"]

    var numbers: [Double] {
        [transfers, readKiB, writtenKiB, discardedKiB, requestKiB, queue, wait, utilisation]
    }

    /// Those that are missing are 0.
    init(name: String, numbers: [Double]) {
        func at(_ place: Int) -> Double { numbers.indices.contains(place) ? numbers[place] : 0 }
        self.init(
            name: name, transfers: at(0), readKiB: at(1), writtenKiB: at(2), discardedKiB: at(3), requestKiB: at(4),
            queue: at(5), wait: at(6), utilisation: at(7))
    }
}

extension DeviceSample {
    static let columns = ["packetsin", "packetsout", "received", "sent", "errors"]

    var numbers: [Double] { [packetsIn, packetsOut, receivedKiB, sentKiB, errors] }

    /// Those that are missing are 0.
    init(name: String, numbers: [Double]) {
        func at(_ place: Int) -> Double { numbers.indices.contains(place) ? numbers[place] : 0 }
        self.init(
            name: name, packetsIn: at(0), packetsOut: at(1), receivedKiB: at(2), sentKiB: at(3), errors: at(4))
    }
}

extension FileSystemSample {
    static let columns = ["total", "available", "files"]

    var numbers: [Double] { [totalKiB, availableKiB, filesUsed] }

    /// Share that is not available any more.
    var fullness: Double { totalKiB > 0 ? 1 - availableKiB / totalKiB : 0 }

    /// Those that are missing are 0.
    init(path: String, numbers: [Double]) {
        func at(_ place: Int) -> Double { numbers.indices.contains(place) ? numbers[place] : 0 }
        self.init(path: path, totalKiB: at(0), availableKiB: at(1), filesUsed: at(2))
    }
}
