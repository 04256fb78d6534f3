import Fleet
import Foundation

/// The agent's program on this machine.
struct AgentBinary: Sendable, Equatable {
    let path: String
    /// The architecture that it is built for, as `uname -m` calls it.
    let architecture: String

    private static let name = "drover-agent"

    /// - Parameters:
    ///   - named: The file that somebody named; `nil` looks for one.
    ///   - program: This program's own file.
    /// - Throws: ``InputError`` when there is none, or it is no program for Linux that needs nothing of a host.
    init(_ named: String?, program: String?, workingFolder: String) throws(InputError) {
        let places = Self.places(program: program, workingFolder: workingFolder)
        // A build of everything leaves one beside this program that needs Swift's libraries.
        let found = places.first { FileManager.default.isReadableFile(atPath: $0) && !Self.isDynamic($0) }
        guard let path = named ?? found else {
            throw InputError(
                .missing, "the agent's program is not here: looked for \(places.joined(separator: ", "))",
                hints: ["build it with: make agent", "or name it with --binary PATH"])
        }
        guard let head = Self.head(of: path) else {
            throw InputError(
                .unreadable, "the agent's program cannot be read: \(path)",
                hints: ["build it with: make agent", "or name another with --binary PATH"])
        }
        guard let architecture = Self.architecture(head) else {
            throw InputError(
                "\(path) is no program for Linux on x86_64 or aarch64", hints: ["build one with: make agent"])
        }
        guard !Self.isDynamic(head) else {
            throw InputError(
                "\(path) needs libraries that hosts do not have", hints: ["build one that needs none: make agent"])
        }
        (self.path, self.architecture) = (path, architecture)
    }

    private static func isDynamic(_ path: String) -> Bool { head(of: path).map(isDynamic) ?? false }

    /// The file's first bytes; `nil` where they cannot be read.
    private static func head(of path: String) -> [UInt8]? {
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }  // It was only read.
            return [UInt8](try file.read(upToCount: 4096) ?? Data())
        } catch { return nil }
    }

    /// Whether an ELF file's first bytes ask for a loader, which looks for libraries (a program header of type PT_INTERP).
    static func isDynamic(_ bytes: [UInt8]) -> Bool {
        func number(at place: Int, _ count: Int) -> Int? {
            guard place >= 0, place <= bytes.count - count else { return nil }
            return bytes[place..<(place + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        guard architecture(bytes) != nil, let table = number(at: 32, 4), let size = number(at: 54, 2),
            let count = number(at: 56, 2)
        else { return false }
        return (0..<count).contains { number(at: table + $0 * size, 4) == 3 }
    }

    /// Where it may be: beside this program, where packages have it, and where the sources' build leaves it.
    static func places(program: String?, workingFolder: String) -> [String] {
        var places: [String] = []
        if let program {
            let folder = URL(fileURLWithPath: program).deletingLastPathComponent()
            places.append(folder.appending(path: name).path)
            places.append(folder.deletingLastPathComponent().appending(path: "lib/drover/\(name)").path)
            var above = folder
            while above.path != "/", above.lastPathComponent != ".build" { above = above.deletingLastPathComponent() }
            if above.path != "/" { places.append(above.appending(path: "agent/\(name)").path) }
        }
        let built = workingFolder + "/.build/agent/\(name)"
        return places.contains(built) ? places : places + [built]
    }

    /// What an ELF file's first bytes say; `nil` for another file.
    static func architecture(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 20, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]), bytes[4] == 2, bytes[5] == 1 else {
            return nil
        }
        return switch UInt16(bytes[18]) | UInt16(bytes[19]) << 8 {
        case 62: "x86_64"
        case 183: "aarch64"
        default: nil
        }
    }

    /// This program's own file.
    static var thisProgram: String? {
        // Where /proc is not to be read, other places are looked at.
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }
}
