import Foundation
import TestSupport

/// Something that goes wrong in the middle of a rollout.
enum ChaosFault: String, CaseIterable, Sendable {
    /// The controller is killed.
    case controllerKilled
    /// The controller is told to end.
    case controllerTerminated
    /// Ctrl-C, and at once a second time.
    case controllerInterruptedTwice
    /// The controller's terminal is closed.
    case controllerHungUp
    /// The controller stands still while another one tries to change the stage, then goes on.
    case controllerPaused
    /// Another controller begins a rollout of its own.
    case secondController
    /// The power of a member is cut.
    case memberOff
    /// A member is rebooted.
    case memberRebooted
    /// The network of a member is cut.
    case memberCutOff
    /// A member's sshd stands still.
    case memberSSHDFrozen
    /// A member's service is killed.
    case serviceKilled
    /// A member's service is stopped by hand.
    case serviceStopped
    /// An operator puts a member into maintenance on one balancer.
    case memberInMaintenance
    /// HAProxy is killed on one balancer; systemd starts it again.
    case haproxyKilled
    /// HAProxy is reloaded on one balancer.
    case haproxyReloaded
    /// The power of a balancer is cut.
    case balancerOff
    /// A balancer's sshd stands still.
    case balancerSSHDFrozen
    /// The build does not become healthy.
    case unhealthyBuild
    /// The build crashes after a while, again and again.
    case crashingBuild
    /// The build's program does not start.
    case stillbornBuild
    /// The disk that a member has its releases on is full.
    case memberDiskFull
    /// The disk that the controller has its journal on is full.
    case controllerDiskFull
    /// The controller reaches no host any more.
    case controllerCutOff
    /// The leader of the etcd that holds the journal is killed.
    case etcdLeaderKilled

    /// How the build that is rolled out behaves.
    var behaviour: FaultLab.Behaviour {
        switch self {
        case .unhealthyBuild: .unhealthy
        case .crashingBuild: .crashing
        case .stillbornBuild: .stillborn
        default: .good
        }
    }

    /// The signal that the controller gets at the moment of the fault.
    var signal: Int32? {
        switch self {
        case .controllerKilled: SIGKILL
        case .controllerTerminated: SIGTERM
        case .controllerInterruptedTwice: SIGINT
        case .controllerHungUp: SIGHUP
        case .controllerPaused: SIGSTOP
        default: nil
        }
    }

    /// Whether the controller may end in the middle, so that somebody has to go on or back.
    var mayLeaveUnfinished: Bool {
        signal != nil || [.controllerDiskFull, .controllerCutOff, .etcdLeaderKilled].contains(self)
    }

    /// Whether it strikes a balancer rather than a member.
    var concernsBalancer: Bool {
        [.haproxyKilled, .haproxyReloaded, .balancerOff, .balancerSSHDFrozen, .memberInMaintenance].contains(self)
    }

    /// Does to `host` what goes wrong there.
    func begin(on host: String, _ lab: FaultLab) async throws {
        switch self {
        case .memberOff, .balancerOff: try await lab.powerOff(host)
        case .memberRebooted:
            try await lab.powerOff(host)
            try await lab.powerOn()
        case .memberCutOff: try await lab.on(host, "ip link set eth0 down")
        case .memberSSHDFrozen, .balancerSSHDFrozen: try await lab.on(host, "pkill -STOP sshd")
        case .serviceKilled: try await lab.on(host, "systemctl kill --signal=KILL ledger; true")
        case .serviceStopped: try await lab.on(host, "systemctl stop ledger")
        case .memberInMaintenance: try await lab.say("set server ledger/ap2 state maint", to: host)
        case .haproxyKilled: try await lab.on(host, "systemctl kill --signal=KILL haproxy")
        case .haproxyReloaded: try await lab.on(host, "systemctl reload haproxy")
        case .secondController: _ = try await lab.drover("rollback", "lab")
        case .memberDiskFull: try await lab.fillDisk(of: host)
        case .controllerCutOff: try await lab.refuseSSH()
        case .controllerKilled, .controllerTerminated, .controllerInterruptedTwice, .controllerHungUp,
            .controllerPaused, .unhealthyBuild, .crashingBuild, .stillbornBuild, .controllerDiskFull, .etcdLeaderKilled:
            break
        }
    }

    /// Undoes on `host` what does not end by itself.
    func end(on host: String, _ lab: FaultLab) async throws {
        switch self {
        case .memberOff, .memberRebooted, .balancerOff: try await lab.powerOn()
        case .memberCutOff:
            let way = lab.network + ".1"
            try await lab.on(host, "ip link set eth0 up; ip route replace default via \(way)")
        case .memberSSHDFrozen, .balancerSSHDFrozen: try await lab.on(host, "pkill -CONT sshd; true")
        case .memberDiskFull: try await lab.freeDisk(of: host)
        case .controllerCutOff: try await lab.allowSSH()
        default: break
        }
    }

    /// How many requests it may cost by itself: those in flight to what it kills.
    func isOwn(_ request: FailedRequest, host: String, _ lab: FaultLab) -> Bool {
        switch self {
        case .haproxyKilled, .balancerOff: request.balancer == lab.address(of: host)
        case .memberOff, .memberRebooted, .memberCutOff, .serviceKilled, .serviceStopped, .crashingBuild:
            // A member that died answers nothing; what HAProxy says in its place names no node.
            request.node == nil && !request.reason.contains("503")
        case .balancerSSHDFrozen:
            // It goes on sending requests to a host that goes back, and cannot be told not to.
            request.balancer == lab.address(of: host) && request.reason.contains("502")
        default: false
        }
    }

    /// Whether all requests to what it kills fail until that is back, instead of those in flight.
    var isOutageOfABalancer: Bool { self == .haproxyKilled || self == .balancerOff }

    /// The most requests that may have been in flight to a member that dies: its workers and what waits for them.
    static let inFlight = 12
}
