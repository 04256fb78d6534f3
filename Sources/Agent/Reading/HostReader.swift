import Glibc
import Sampling

/// Reads this host's counters, once a second at little cost: files stay open, and what changes seldom is looked for once
/// a minute.
final class HostReader {
    private let source: SampleSource
    private var files: [SystemFile] = []
    private var mounts: [FileSystemSample] = []
    private var disks: [UInt8] = []
    private var readings = 0
    private var scope: SampleScope?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

    /// Readings between two looks at what is there.
    private static let looksEvery = 60
    /// Readings between two looks at how full file systems are.
    private static let mountsEvery = 10

    init(source: SampleSource) {
        self.source = source
    }

    deinit { buffer.deallocate() }

    /// `nil` where this is no Linux host.
    func read() -> Reading? {
        if readings % Self.looksEvery == 0 { look() }
        if readings % Self.mountsEvery == 0 { mounts = MountedSystems.fileSystems() }
        readings &+= 1
        var contents = CounterFiles()
        contents[CounterFiles.diskNames] = disks
        for file in files { contents[file.path] = file.read(into: buffer) }
        let reading = Reading(files: contents, source: source, fileSystems: mounts)
        if let reading, scope == nil {
            scope = reading.scope
            // A machine's own figures are in /proc alone.
            if reading.scope == .machine { look() }
        }
        return reading
    }

    private func look() {
        let paths = scope == .machine ? CounterFiles.machinePaths : CounterFiles.paths
        files = paths.compactMap { SystemFile(path: $0) }
        disks = Array(DiskTable.notes().utf8)
    }
}

/// The disks that there are.
enum DiskTable {
    /// As ``CounterFiles/diskNames`` has them.
    static func notes() -> String {
        guard let folder = opendir("/sys/block") else { return "" }
        defer { closedir(folder) }
        var result = ""
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix(".") else { continue }
            let isReal = access("/sys/block/\(name)/device", F_OK) == 0
            result += isReal ? "real \(name)\n" : "virtual \(name)\n"
        }
        return result
    }
}
