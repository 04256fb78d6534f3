import Fleet
import Inventories
import Values

/// What a host does before its units stop for good.
public struct Retirement: Hashable, Sendable {
    /// What becomes of a host one of whose commands failed.
    public enum Failure: String, Hashable, Sendable, CaseIterable {
        /// Its units go on, and the next apply tries again.
        case stop
        /// It is told, and the host is retired all the same.
        case goOn = "continue"
    }

    /// Commands, run one after the other in `ROOT/current`, as the first unit's user, with the service's settings.
    public var commands: [String] = []
    /// How long each may take.
    public var timeout = Duration.seconds(60)
    /// What becomes of the host when one fails.
    public var onFailure = Failure.stop

    /// Nothing is done before.
    public init() {}
}

extension ServiceFileReader {
    func retirement(_ node: SourceNode?) throws(InputError) -> Retirement {
        var retirement = Retirement()
        guard let node else { return retirement }
        let fields = try ServiceFileFields(node, .retire, mistakes)
        retirement.commands =
            fields.attempt { fields throws(InputError) in try fields.texts("commands") }?.map(\.text) ?? []
        fields.takeTime("timeout", into: &retirement.timeout)
        fields.take("on_failure", into: &retirement.onFailure) { fields, key throws(InputError) in
            guard let word = try fields.optionalText(key) else { return nil }
            if let failure = Retirement.Failure(rawValue: word) { return failure }
            throw InputError(
                "\(key) is one of stop and continue, but is '\(word)'", at: fields.place(key),
                hints: ["stop: the host's units go on, and the next apply tries again; continue: it is told"])
        }
        return retirement
    }
}

extension ServiceKeys {
    static let retire = ServiceKeys(
        "retire",
        [
            .required(
                "commands", .texts,
                "run in ROOT/current on a host that leaves, one after the other, before its units stop: as the first unit's user, with the service's settings"
            ),
            .optional(
                "timeout", .time(.seconds(1) ... .seconds(86400)), Retirement().timeout.written,
                "how long each may take"),
            .optional(
                "on_failure", .word(Retirement.Failure.allCases.map(\.rawValue)), Retirement().onFailure.rawValue,
                "`stop`: the units go on, and the next apply tries again; `continue`: it is told, and they stop"),
        ])
}
