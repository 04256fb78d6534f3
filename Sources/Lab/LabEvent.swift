public import Fleet

/// What happens while a lab comes up or goes, for whoever watches.
public enum LabEvent: Sendable, Equatable {
    /// Another Drover works on this lab or on the machine's network; this one waits for it.
    case waiting
    /// The base image of a release is being built, once for all labs.
    case buildingImage(LabRelease)
    /// The base image was built in this time.
    case imageBuilt(LabRelease, Duration)
    /// The host's root is gone, for it is to be of another release.
    case reinstalling(HostName, LabRelease)
    /// The host boots.
    case booting(HostName)
    /// The host's SSH answered.
    case ready(LabBoot)
    /// The host is off, its disk gone.
    case removed(HostName)
}

/// How a host came up.
public struct LabBoot: Sendable, Equatable {
    /// The host.
    public let host: LabHost
    /// Whether it ran before, and was left as it was.
    public let wasUp: Bool
    /// How long after the beginning its SSH answered.
    public let elapsed: Duration
}

/// A host of a lab as it is now.
public struct LabHostStatus: Sendable, Equatable, Codable {
    /// What a host of a lab can be.
    public enum State: String, Sendable, Codable, CaseIterable {
        /// Its SSH answers.
        case up
        /// It runs, but its SSH does not answer.
        case silent
        /// It does not run.
        case off
    }

    /// The host.
    public let host: LabHost
    /// What it is.
    public let state: State
    /// Process number, on this machine, of the host's systemd.
    public let leader: Int32?

    /// The limits that hold for it.
    public var limits: LabLimits { host.limitsInForce }
}
