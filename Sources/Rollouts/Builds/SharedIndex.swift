public import Fleet
import Foundation

/// A build that lies in a shared store.
public struct SharedBuild: Hashable, Sendable {
    /// What its name says that it is.
    public let digest: BuildDigest
    /// The length of its file in bytes.
    public let size: Int64
    /// When it was put there, or last taken.
    public let usedAt: Timestamp
    /// What is known of it; `nil` where nobody noted that, or it cannot be read.
    public var known: BuildRecord?

    /// What is known of it, and what its file says where nobody noted anything.
    public var record: BuildRecord {
        known ?? BuildRecord(digest: digest, name: digest.release.description, size: size, addedAt: usedAt)
    }

    /// Whether its file cannot be what it was.
    public var isDamaged: Bool { known.map { $0.size != size } ?? false }
}

/// What a stage needs of builds, as it stands in a shared store: whoever has no journal of the stage lets go of none of these.
public struct StageUse: Hashable, Sendable, Codable {
    /// The version of what is written.
    var version = StageUse.version
    /// The stage.
    public var stage: String
    /// The build that its hosts run.
    public var current: BuildDigest?
    /// The one that it would go back to.
    public var previous: BuildDigest?
    /// The one that is being brought to it.
    public var next: BuildDigest?
    /// Who noted it.
    public var by: String
    /// When.
    public var at: Timestamp

    /// What a stage needs.
    public init(
        _ stage: String, current: BuildDigest?, previous: BuildDigest?, next: BuildDigest? = nil, by: String,
        at: Timestamp
    ) {
        // What others share is builds; settings are the hosts'.
        (self.stage, self.current, self.previous, self.next) = (stage, current?.file, previous?.file, next?.file)
        (self.by, self.at) = (by, at)
    }

    /// The version that is written, and the newest that is read.
    static let version = 1
}

/// What a shared store keeps of a build beside its archive.
struct SharedRecord: Codable {
    var version = SharedRecord.version
    let build: BuildRecord

    init(_ build: BuildRecord) { self.build = build }

    /// The version that is written, and the newest that is read.
    static let version = 1

    /// The record in a line of JSON; `nil` for one of a newer version, or that cannot be read.
    static func build(in text: some StringProtocol) -> BuildRecord? {
        // What cannot be read is no record, and the build is named by its digest.
        guard let read = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else { return nil }
        return read.version <= version && BuildSize.known.contains(read.build.size) ? read.build : nil
    }
}

/// The size of a build in bytes as another machine tells it: what no build has is none, before anything is reckoned with it.
struct BuildSize {
    let bytes: Int64

    /// Up to a pebibyte.
    static let known: ClosedRange<Int64> = 0...1 << 50

    /// Reads a whole number.
    init?(_ text: some StringProtocol) {
        guard let bytes = Int64(text), Self.known.contains(bytes) else { return nil }
        self.bytes = bytes
    }
}

/// Everything that lies in a shared store.
public struct SharedIndex: Hashable, Sendable {
    /// The builds, newest first.
    public private(set) var builds: [SharedBuild] = []
    /// What stages need, as far as it was noted and can be read.
    public private(set) var uses: [String: StageUse] = [:]

    /// Reads what ``SharedBuildsScript/index`` printed; lines that mean nothing are passed over.
    init(parsing lines: [Substring]) {
        var records: [BuildDigest: BuildRecord] = [:]
        for line in lines {
            if line.hasPrefix("build=") {
                if let build = Self.build(in: line.dropFirst(6)) { builds.append(build) }
            } else if line.hasPrefix("./"), let (name, text) = Self.file(line.dropFirst(2)) {
                if let build = SharedRecord.build(in: text), build.digest.description == name {
                    records[build.digest] = build
                }
            } else if line.hasPrefix("stages/"), let (name, text) = Self.file(line.dropFirst(7)) {
                if let use = Self.use(in: text), use.stage == name { uses[use.stage] = use }
            }
        }
        for index in builds.indices { builds[index].known = records[builds[index].digest] }
        builds.sort {
            ($0.record.addedAt, $0.digest.description) > ($1.record.addedAt, $1.digest.description)
        }
    }

    /// The builds whose digests begin with `prefix`.
    func builds(prefix: String) -> [SharedBuild] { builds.filter { $0.digest.description.hasPrefix(prefix) } }

    private static func build(in text: Substring) -> SharedBuild? {
        let words = text.split(separator: " ")
        guard words.count == 3, let size = BuildSize(words[1]), let seconds = Int64(words[2]),
            (0...1 << 40).contains(seconds),
            // What is called otherwise is none of ours.
            let digest = try? BuildDigest(String(words[0]))
        else { return nil }
        return SharedBuild(digest: digest, size: size.bytes, usedAt: Timestamp(milliseconds: seconds * 1000))
    }

    /// `NAME.json:TEXT`, as grep prints it.
    private static func file(_ line: Substring) -> (name: Substring, text: Substring)? {
        guard let end = line.range(of: ".json:") else { return nil }
        return (line[..<end.lowerBound], line[end.upperBound...])
    }

    private static func use(in text: Substring) -> StageUse? {
        // What cannot be read says nothing: the stage's hosts are asked then.
        guard let use = try? JSONDecoder().decode(StageUse.self, from: Data(text.utf8)) else { return nil }
        return use.version <= StageUse.version ? use : nil
    }
}
