import Foundation
import TestSupport

/// A file in `.build/` that tests leave figures in, a line each, behind the commit that they were measured at.
struct BuildLog {
    private let place: URL

    init(_ name: String) { place = DroverProgram.repository.appendingPathComponent(".build/\(name)") }

    func append(_ line: String) throws {
        if !FileManager.default.fileExists(atPath: place.path) { try Data().write(to: place) }
        let file = try FileHandle(forWritingTo: place)
        try file.seekToEnd()
        try file.write(contentsOf: Data("\(Self.commit) \(line)\n".utf8))
        try file.close()
    }

    /// What `scripts/chaos` and its like say; those who run a test by hand know what they run.
    private static let commit = ProcessInfo.processInfo.environment["DROVER_COMMIT"] ?? "unnamed"
}
