import Fleet
import Foundation

/// What is remembered of a lab between commands: what was wanted, never what is.
struct LabRecord: Codable, Sendable, Equatable {
    /// The lab's name.
    var name: String
    /// The image under the hosts' disks, which are of no use with another.
    var image: String
    /// The hosts, in the inventory's order.
    var hosts: [LabHost]

    /// What is remembered at `path`; `nil` when there is no such lab.
    static func read(_ path: String) throws(LabError) -> LabRecord? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        do {
            return try JSONDecoder().decode(LabRecord.self, from: data)
        } catch {
            throw LabError(
                .stuck, "\(path) is not what a lab wrote there: \(error)", hints: ["take the lab down and up again"])
        }
    }

    /// Replaces what is remembered at `path`.
    func write(_ path: String) throws(LabError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch { throw .fileFailed(path, error) }
    }
}
