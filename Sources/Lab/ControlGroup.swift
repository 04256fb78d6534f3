import Fleet
import Foundation

/// A control group of this machine, in every hierarchy it has mounted: what holds all processes of one host.
///
/// Without one each, hosts would share systemd's groups, and stopping a service in one would signal the others.
struct ControlGroup: Sendable {
    /// Name of the folder under `drover-lab`.
    let name: String

    static let mount = "/sys/fs/cgroup"
    static let parent = "drover-lab"

    /// The mounted hierarchies: one for cgroup v2, one for each controller and one for systemd for v1.
    static func hierarchies() -> [String] {
        let files = FileManager.default
        if files.fileExists(atPath: "\(mount)/cgroup.controllers") { return [mount] }
        return listing(mount).sorted().map { "\(mount)/\($0)" }
            .filter { files.fileExists(atPath: "\($0)/cgroup.procs") && !isLink($0) }
    }

    /// Whether this machine has control groups as cgroup v2 alone has them.
    static var isUnified: Bool { hierarchies() == [mount] }

    /// Names of the groups that exist.
    static func names() -> [String] {
        Array(Set(hierarchies().flatMap { folders(in: "\($0)/\(parent)") })).sorted()
    }

    /// Makes the group, and gives its folders.
    func make() throws(LabError) -> [String] {
        var made: [String] = []
        for hierarchy in Self.hierarchies() {
            let above = "\(hierarchy)/\(Self.parent)"
            let folder = "\(above)/\(name)"
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            } catch { throw .fileFailed(folder, error) }
            Self.inheritProcessors(from: hierarchy, to: [above, folder])
            // In cgroup v1 all hosts together would get no more of the processors than one other process of this machine.
            // Somebody's own setting stays.
            if SmallFile.read("\(above)/cpu.shares") == "1024\n" {
                _ = SmallFile.write("8192", to: "\(above)/cpu.shares")
            }
            // A machine may keep a controller for itself; a host does without then.
            for controller in ["cpu", "memory", "pids", "io"] {
                _ = SmallFile.write("+\(controller)", to: "\(above)/cgroup.subtree_control")
            }
            made.append(folder)
        }
        guard !made.isEmpty else {
            throw LabError(.stuck, "no control groups are mounted at \(Self.mount)", hints: ["mount cgroup2 there"])
        }
        return made
    }

    /// A v1 cpuset takes no process before it has processors and memory nodes of its own.
    private static func inheritProcessors(from hierarchy: String, to folders: [String]) {
        for file in ["cpuset.cpus", "cpuset.mems"] {
            let value = SmallFile.read("\(hierarchy)/\(file)")
            guard !value.isEmpty else { continue }
            // Joining the group tells, if this did not work.
            for folder in folders { _ = SmallFile.write(value, to: "\(folder)/\(file)") }
        }
    }

    /// Every process in the group and below. One hierarchy has them all; the first is the one they joined first.
    func processes() -> [Int32] {
        guard let hierarchy = Self.hierarchies().first else { return [] }
        var found: Set<Int32> = []
        Self.collect("\(hierarchy)/\(Self.parent)/\(name)", into: &found)
        return found.sorted()
    }

    /// The process that is number 1 of the host's own, if the host runs.
    func leader() -> Int32? { processes().first { Self.leads(status: SmallFile.read("/proc/\($0)/status")) } }

    /// Whether a process with this `/proc/PID/status` is the first of a host: containers on a host have one of their own,
    /// which is further down.
    static func leads(status: String) -> Bool {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("NSpid:") }) else { return false }
        let numbers = line.split(whereSeparator: \.isWhitespace).dropFirst()
        return numbers.count == 2 && numbers.last == "1"
    }

    /// Ends every process at once and takes the group away.
    /// - Throws: ``LabError`` `.stuck` when processes are still there after a minute: on a starved machine even dying
    ///   takes its time.
    func destroy() async throws(LabError) {
        let deadline = ContinuousClock.now + .seconds(60)
        while case let living = processes(), !living.isEmpty {
            guard ContinuousClock.now < deadline else {
                throw LabError(.stuck, "processes \(living.prefix(5)) do not end when killed")
            }
            for process in living { kill(process, SIGKILL) }
            await pause(.milliseconds(5))
        }
        for hierarchy in Self.hierarchies() {
            Self.remove("\(hierarchy)/\(Self.parent)/\(name)")
            // Fails while other hosts' groups are in it, as it should.
            rmdir("\(hierarchy)/\(Self.parent)")
        }
    }

    /// `folder`, and all groups below it.
    static func tree(_ folder: String) -> [String] {
        [folder] + folders(in: folder).flatMap { tree("\(folder)/\($0)") }
    }

    private static func collect(_ folder: String, into found: inout Set<Int32>) {
        let text = SmallFile.read("\(folder)/cgroup.procs")
        found.formUnion(text.split(separator: "\n").compactMap { Int32($0) }.filter { $0 > 0 })
        for child in folders(in: folder) { collect("\(folder)/\(child)", into: &found) }
    }

    private static func remove(_ folder: String) {
        for child in folders(in: folder) { remove("\(folder)/\(child)") }
        rmdir(folder)
    }

    private static func folders(in folder: String) -> [String] {
        listing(folder).filter { name in
            var isFolder = ObjCBool(false)
            return FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
                && isFolder.boolValue
        }
    }

    private static func listing(_ folder: String) -> [String] {
        // A folder that is not there has nothing in it.
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    private static func isLink(_ path: String) -> Bool {
        // No link, or not there: either way not a link.
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
    }
}

/// Waits, or returns at once when the task is cancelled; the caller's loop has a deadline of its own.
func pause(_ time: Duration) async { try? await Task.sleep(for: time) }
