import Foundation

/// How a tier's throughput grows with its hosts: Gunther's Universal Scalability Law,
/// X(N) = X₁·N ÷ (1 + α(N − 1) + βN(N − 1)).
public struct ScalingLaw: Sendable, Hashable, Codable {
    /// Throughput of one host.
    public let single: Double
    /// Share of the work that goes one after another (α): a lock, one database.
    public let contention: Double
    /// What hosts cost one another (β).
    public let crosstalk: Double

    /// How many levels it takes before a fit says anything.
    public static let leastLevels = 6

    /// Fits the law by least squares of N ÷ X over N; `nil` for fewer than six levels, or for ones that are no law's.
    public init?(levels: [LoadLevel]) {
        let points = levels.filter { $0.hosts.isFinite && $0.throughput.isFinite && $0.hosts >= 1 && $0.throughput > 0 }
        guard points.count >= Self.leastLevels, Set(points.map(\.hosts)).count >= 3 else { return nil }
        // N/X·X₁ = 1 + α(N−1) + βN(N−1) is linear in 1/X₁, α/X₁ and β/X₁.
        let rows = points.map { point in
            (terms: [1, point.hosts - 1, point.hosts * (point.hosts - 1)], value: point.hosts / point.throughput)
        }
        guard let found = Self.leastSquares(rows), found[0] > 0 else { return nil }
        single = 1 / found[0]
        contention = min(1, max(0, found[1] / found[0]))
        crosstalk = max(0, found[2] / found[0])
        guard single.isFinite, contention.isFinite, crosstalk.isFinite else { return nil }
    }

    /// Throughput of so many hosts.
    public func throughput(hosts: Double) -> Double {
        let hosts = max(0, hosts)
        let slowing = 1 + contention * (hosts - 1) + crosstalk * hosts * (hosts - 1)
        return slowing > 0 ? single * hosts / slowing : 0
    }

    /// With how many hosts throughput is greatest; `nil` where it grows on.
    public var best: Double? {
        crosstalk > 1e-12 ? max(1, ((1 - contention) / crosstalk).squareRoot()) : nil
    }

    /// What one host more would bring, as a share of what one host alone does.
    public func gain(after hosts: Double) -> Double {
        (throughput(hosts: hosts + 1) - throughput(hosts: hosts)) / single
    }

    private static func leastSquares(_ rows: [(terms: [Double], value: Double)]) -> [Double]? {
        var matrix = [[Double]](repeating: [Double](repeating: 0, count: 4), count: 3)
        for row in rows {
            for one in 0..<3 {
                for other in 0..<3 { matrix[one][other] += row.terms[one] * row.terms[other] }
                matrix[one][3] += row.terms[one] * row.value
            }
        }
        for column in 0..<3 {
            let pivot = (column..<3).max { abs(matrix[$0][column]) < abs(matrix[$1][column]) } ?? column
            guard abs(matrix[pivot][column]) > 1e-12 else { return nil }
            matrix.swapAt(column, pivot)
            for row in 0..<3 where row != column {
                let factor = matrix[row][column] / matrix[column][column]
                for place in column..<4 { matrix[row][place] -= factor * matrix[column][place] }
            }
        }
        let found = (0..<3).map { matrix[$0][3] / matrix[$0][$0] }
        return found.allSatisfy(\.isFinite) ? found : nil
    }
}
