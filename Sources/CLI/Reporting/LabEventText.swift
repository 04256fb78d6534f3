import Fleet
import Lab

extension LabEvent {
    /// The event for people.
    var sentence: String {
        switch self {
        case .waiting: "waiting for another drover to finish with the lab"
        case .buildingImage(let release):
            "building the base image of Debian \(release.rawValue), once for all labs: about half a minute"
        case .imageBuilt(let release, let time):
            "built the base image of Debian \(release.rawValue) in \(LabTime.text(time))"
        case .reinstalling(let host, let release): "\(host): made anew with Debian \(release.rawValue)"
        case .booting(let host): "\(host): booting"
        case .ready(let boot) where boot.wasUp: "\(boot.host.name): was up at \(boot.host.address)"
        case .ready(let boot):
            "\(boot.host.name): SSH answers at \(boot.host.address) after \(LabTime.text(boot.elapsed))"
        case .removed(let host): "\(host): gone"
        }
    }

    /// Whether what it tells of takes its time from here on.
    var isBeginning: Bool {
        switch self {
        case .waiting, .buildingImage, .booting: true
        default: false
        }
    }
}

/// Times as this group of commands shows them.
enum LabTime {
    /// Seconds with one decimal, such as `2.5 s`.
    static func text(_ time: Duration) -> String {
        let tenths = Int((seconds(time) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }

    /// Seconds, for programs.
    static func seconds(_ time: Duration) -> Double {
        Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    }
}
