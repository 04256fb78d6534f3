import Fleet

/// A host that others are reached through.
struct JumpHostToCheck: Sendable {
    /// The way to it, with the jump hosts before it.
    let endpoint: Endpoint
    /// The hosts behind it, which the inventory is sure to have.
    var behind: [HostName]

    /// Its key is shown with those of the hosts behind it.
    func hints(of error: TransportError) -> [String] {
        guard let behind = behind.first else { return error.hints }
        return switch error.code {
        case .hostKeyUnknown: ["check its fingerprint and trust it: drover trust \(behind)"]
        case .hostKeyMismatch:
            ["someone may be listening in; if it was rebuilt, replace the old key: drover trust --replace \(behind)"]
        default: error.hints
        }
    }
}
