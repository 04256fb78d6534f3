import Fleet
import Foundation

/// What is remembered of a lab between commands: what was wanted, never what is.
struct LabRecord: Codable, Sendable, Equatable {
    /// The lab's name.
    var name: String
    /// The images under the hosts' disks, which are of no use with another.
    var images: [LabRelease: String]
    /// The hosts, in the inventory's order.
    var hosts: [LabHost]

    init(name: String, images: [LabRelease: String], hosts: [LabHost]) {
        self.name = name
        self.images = images
        self.hosts = hosts
    }

    /// Decodes a record, also one of the time when all hosts had the same image.
    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        name = try fields.decode(String.self, forKey: .name)
        hosts = try fields.decode([LabHost].self, forKey: .hosts)
        images =
            try fields.decodeIfPresent([LabRelease: String].self, forKey: .images)
            ?? [.standard: fields.decode(String.self, forKey: .image)]
    }

    /// Encodes the record.
    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Field.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(images, forKey: .images)
        try fields.encode(hosts, forKey: .hosts)
    }

    private enum Field: String, CodingKey { case name, image, images, hosts }

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
