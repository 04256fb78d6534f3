import Fleet

/// The keys of one service's journal.
struct EtcdKeys {
    /// What all of them begin with; ends with a slash.
    let prefix: String

    init(_ place: EtcdPlace, service: String) { prefix = "\(place.prefix)/\(Self.part(service))/" }

    /// The version of what stands there.
    var format: String { prefix + "format" }
    /// The greatest number of a run.
    var lastRun: String { prefix + "lastRun" }
    /// There while another journal is being taken over.
    var restoring: String { prefix + "restoring" }

    func lease(_ stage: String) -> String { prefix + "lease/" + Self.part(stage) }
    func token(_ stage: String) -> String { tokens + Self.part(stage) }
    func run(_ run: RunID) -> String { runs + Self.number(run.number) }
    func entries(_ run: RunID) -> String { "\(allEntries)\(Self.number(run.number))/" }
    func entry(_ run: RunID, _ sequence: Int64) -> String { entries(run) + Self.number(sequence) }
    func build(_ prefix: String) -> String { builds + Self.part(prefix) }
    func stage(_ stage: String) -> String { stages + Self.part(stage) }
    func evidence(_ build: BuildDigest) -> String { "\(allEvidence)\(build)/" }
    func evidence(_ build: BuildDigest, _ stage: String) -> String { evidence(build) + Self.part(stage) + "/" }
    func evidence(_ evidence: Evidence) -> String {
        self.evidence(evidence.build, evidence.stage) + Self.number(evidence.run.number)
    }
    func members(_ stage: String) -> String { "\(allMembers)\(Self.part(stage))/" }
    func member(_ host: HostName, _ stage: String) -> String { members(stage) + Self.part(host.description) }
    func leftOut(_ stage: String) -> String { "\(allLeftOut)\(Self.part(stage))/" }
    func leftOut(_ balancer: HostName, _ stage: String) -> String { leftOut(stage) + Self.part(balancer.description) }

    var tokens: String { prefix + "token/" }
    var runs: String { prefix + "run/" }
    var allEntries: String { prefix + "entry/" }
    var builds: String { prefix + "build/" }
    var stages: String { prefix + "stage/" }
    var allEvidence: String { prefix + "evidence/" }
    var allMembers: String { prefix + "member/" }
    var allLeftOut: String { prefix + "leftOut/" }

    /// Numbers in the order of their text.
    private static func number(_ number: Int64) -> String {
        let digits = String(max(0, number))
        return String(repeating: "0", count: 19 - digits.count) + digits
    }

    /// A name as a part of a key: percent signs for what could be taken for the key's own.
    static func part(_ name: String) -> String {
        var part = ""
        for byte in name.utf8 {
            let character = Character(UnicodeScalar(byte))
            let isPlain = character.isASCII && (character.isLetter || character.isNumber || "-._".contains(character))
            part += isPlain ? String(character) : "%" + Hex.text([byte])
        }
        return part
    }
}
