import Foundation

/// A host as a waiting line with several servers: its processors, each of which serves one request at a time (M/M/c).
///
/// It takes requests that come independently of one another, and times that vary as exponential ones do; each host has a line
/// of its own. Source: Erlang's formula C; Harchol-Balter, Performance Modeling and Design of Computer Systems.
public struct ServerQueue: Sendable, Hashable {
    /// Servers, at least one. A part of a processor is a slower one.
    public let servers: Int

    /// A line with as many servers; whole ones, at most 4,096.
    public init(servers: Int) { self.servers = min(max(1, servers), 4096) }

    /// How likely it is that a request waits.
    ///
    /// - Parameter utilisation: Share of the servers' time in use, from 0 to 1; 1 and more waits for sure.
    public func waitingChance(at utilisation: Double) -> Double {
        guard utilisation.isFinite, utilisation > 0 else { return utilisation > 0 ? 1 : 0 }
        guard utilisation < 1 else { return 1 }
        let offered = utilisation * Double(servers)
        var blocked = 1.0
        for server in 1...servers { blocked = offered * blocked / (Double(server) + offered * blocked) }
        return min(1, max(0, blocked / (1 - utilisation * (1 - blocked))))
    }

    /// Mean response time as so many times the service time; infinite where the servers are all in use.
    public func responseFactor(at utilisation: Double) -> Double {
        guard utilisation < 1 else { return .infinity }
        let idle = Double(servers) * (1 - max(0, utilisation))
        return 1 + waitingChance(at: utilisation) / idle
    }

    /// The time within which a share of requests has its answer, as so many times the service time: what that share waits at
    /// most, and one service time. Waiting beyond t has the chance C·e^(−(c−a)t/S).
    public func responseFactor(at utilisation: Double, share: Double) -> Double {
        guard utilisation < 1, share < 1 else { return .infinity }
        let idle = Double(servers) * (1 - max(0, utilisation))
        let (chance, late) = (waitingChance(at: utilisation), 1 - max(0, share))
        return 1 + (chance > late ? log(chance / late) / idle : 0)
    }

    /// The highest utilisation at which the mean response time is at most `factor` times the service time.
    ///
    /// - Parameter share: Where given, the time of that share of requests instead of the mean.
    public func highestUtilisation(factor: Double, share: Double? = nil) -> Double {
        guard factor > 1 else { return 0 }
        guard factor.isFinite else { return 1 }
        var (low, high) = (0.0, 1.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            let found = share.map { responseFactor(at: middle, share: $0) } ?? responseFactor(at: middle)
            if found <= factor { low = middle } else { high = middle }
        }
        return low
    }

    /// How many servers a big tier takes for so many in use: a + β√a (square-root staffing), since what is to spare shrinks
    /// relative to size.
    ///
    /// - Parameter care: β: 1 is bold, 2 careful.
    public static func staffing(for offered: Double, care: Double = 1.5) -> Double {
        guard offered.isFinite, offered > 0 else { return 0 }
        return offered + max(0, care) * offered.squareRoot()
    }
}
