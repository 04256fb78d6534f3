import Foundation

/// Fisher's exact test of a two-by-two table, one-sided.
enum FisherTest {
    /// How likely it is that chance alone puts at least so many of all failures into the sample, if it is no worse than
    /// the rest: the upper tail of the hypergeometric distribution.
    ///
    /// - Parameters:
    ///   - failed: Failures in the sample of `requests`.
    ///   - restFailed: Failures in the rest of `restRequests`.
    static func upperTail(failed: Int, of requests: Int, against restFailed: Int, of restRequests: Int) -> Double {
        let failures = failed + restFailed
        let all = requests + restRequests
        guard failed > 0, requests > 0, restRequests > 0, failures < all else { return 1 }
        let most = min(failures, requests)
        func term(_ count: Int) -> Double {
            exp(
                logChoices(count, of: requests) + logChoices(failures - count, of: restRequests)
                    - logChoices(failures, of: all))
        }
        var sum = 0.0
        for count in failed...most {
            let next = term(count)
            sum += next
            // Beyond the mean, terms only fall.
            if Double(count) * Double(all) > Double(failures) * Double(requests), next < sum * 1e-12 { break }
        }
        return min(1, sum)
    }

    private static func logChoices(_ count: Int, of all: Int) -> Double {
        guard count >= 0, count <= all else { return -.infinity }
        return logFactorial(all) - logFactorial(count) - logFactorial(all - count)
    }

    private static func logFactorial(_ number: Int) -> Double { lgamma(Double(number) + 1) }
}
