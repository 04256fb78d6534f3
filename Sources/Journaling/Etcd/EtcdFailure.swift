public import Fleet

/// Why etcd did not do what it was asked for.
enum EtcdFailure: Error {
    /// Nothing was changed.
    case refused(JournalError)
    /// It may have been done, or not.
    case unknown(JournalError)
    /// The etcd lease that keys were to be bound to is over.
    case leaseGone

    /// What `body` gives, whose errors refuse what is being done.
    static func refusing<Answer>(_ body: () throws(JournalError) -> Answer) throws(EtcdFailure) -> Answer {
        do { return try body() } catch { throw .refused(error) }
    }

    /// The same for whoever used the journal.
    func explained(_ place: EtcdPlace) -> JournalError {
        switch self {
        case .refused(let error), .unknown(let error): error
        case .leaseGone: JournalError(.storage, subject: place.description, "etcd has ended a lease before its time")
        }
    }
}

extension EtcdPlace: CustomStringConvertible {
    /// As the user wrote it, without what need not be shown.
    public var description: String { "\(Self.scheme)\(endpoints.joined(separator: ","))/\(prefix)" }
}

extension JournalError {
    /// No member of the cluster does what it is asked for, each for a reason of its own.
    static func etcdIsAway(_ place: EtcdPlace, _ reasons: [(endpoint: String, reason: String)]) -> Self {
        var members: [(reason: String, endpoints: [String])] = []
        for (endpoint, reason) in reasons {
            if let index = members.firstIndex(where: { $0.reason == reason }) {
                members[index].endpoints.append(endpoint)
            } else {
                members.append((reason, [endpoint]))
            }
        }
        let told = members.map { "\($0.endpoints.joined(separator: ", ")): \($0.reason)" }.joined(separator: "; ")
        return Self(
            .storage, subject: place.description, "no member of etcd answers for the journal: \(told)",
            hints: [
                "see how the members are: etcdctl --endpoints=\(place.endpoints.joined(separator: ",")) endpoint status",
                "hosts go on with what they run, and switch back by themselves what was not confirmed",
            ])
    }

    /// A member refuses something, and every other would.
    static func etcdRefuses(_ place: EtcdPlace, _ refusal: EtcdRefusal) -> Self {
        var hints: [String] = []
        switch refusal.code {
        case EtcdRefusal.exhausted:
            hints = ["etcd's database is full: compact and defragment it, then 'etcdctl alarm disarm'"]
        case EtcdRefusal.denied:
            hints = [
                "the user needs read and write on keys that begin with \(place.prefix)/: etcdctl role grant-permission"
            ]
        case EtcdRefusal.precondition where refusal.text.contains("authentication is not enabled"):
            hints = ["etcd asks nobody who they are: leave the user out of 'state:'"]
        case EtcdRefusal.invalid where refusal.text.contains("user name is empty"):
            hints = ["name the user: state: etcd://USER@…, and its password in $DROVER_ETCD_PASSWORD"]
        case EtcdRefusal.invalid where refusal.text.contains("authentication failed"):
            hints = ["see the user in 'state:' and the password in $DROVER_ETCD_PASSWORD"]
        default: break
        }
        return Self(.storage, subject: place.description, "etcd refuses: \(refusal.text)", hints: hints)
    }

    /// What stands in etcd is not what this program wrote.
    static func etcdIsDamaged(_ place: EtcdPlace, _ key: String, _ reason: String) -> Self {
        Self(
            .damaged, subject: place.description, "the key \(key) \(reason)",
            hints: [
                "nothing was written; see it with: etcdctl get \(key)",
                "another prefix begins a new journal: state: etcd://…/OTHER; hosts know what they run",
            ])
    }
}
