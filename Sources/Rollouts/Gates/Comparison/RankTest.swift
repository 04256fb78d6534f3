import Foundation

/// The test of Wilcoxon, Mann and Whitney whether one sample's values are greater than another's, one-sided. It asks nothing
/// of how values are distributed, and one that is far out weighs no more than any other.
enum RankTest {
    /// How likely it is that the sample ranks at least so high by chance, if it is no greater than the rest.
    ///
    /// Exact for small samples without ties, which count against the sample; else the normal approximation, with the
    /// correction for continuity.
    static func upperTail(_ sample: [Double], against rest: [Double]) -> Double {
        guard !sample.isEmpty, !rest.isEmpty else { return 1 }
        let wins = sample.reduce(0) { sum, value in sum + rest.count { $0 < value } }
        let pairs = sample.count * rest.count
        // The table is as long as there are pairs, and filled once for each value of the sample.
        if pairs * sample.count <= 20_000 { return exactTail(wins, sample.count, rest.count) }
        let mean = Double(pairs) / 2
        let deviation = (Double(pairs) * Double(sample.count + rest.count + 1) / 12).squareRoot()
        return erfc((Double(wins) - mean - 0.5) / deviation / 2.0.squareRoot()) / 2
    }

    /// The number of ways to rank that give each number of wins is a Gaussian binomial coefficient's: multiplied out factor
    /// by factor, each as probability, so that nothing overflows.
    private static func exactTail(_ wins: Int, _ sample: Int, _ rest: Int) -> Double {
        guard wins > 0 else { return 1 }
        let pairs = sample * rest
        var ways = [Double](repeating: 0, count: pairs + 1)
        ways[0] = 1
        for factor in 1...sample {
            // Times (1 - x^(rest + factor)) / (1 - x^factor), scaled by the factor's share of all ways.
            let top = rest + factor
            if top <= pairs {
                for index in stride(from: pairs, through: top, by: -1) { ways[index] -= ways[index - top] }
            }
            for index in factor..<max(factor, pairs + 1) { ways[index] += ways[index - factor] }
            let scale = Double(factor) / Double(top)
            for index in 0...pairs { ways[index] *= scale }
        }
        return max(0, min(1, ways[wins...].reduce(0, +)))
    }
}
