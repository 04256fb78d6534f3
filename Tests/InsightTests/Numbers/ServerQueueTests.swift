import Insight
import Testing

struct ServerQueueTests {
    /// The highest utilisation with which the mean response time is at most so many service times, by processors of a host.
    @Test(arguments: [
        (1, 0.33, 0.50, 0.67), (2, 0.58, 0.71, 0.82), (4, 0.75, 0.83, 0.90), (8, 0.85, 0.91, 0.95),
        (16, 0.92, 0.95, 0.97), (32, 0.95, 0.97, 0.98),
    ])
    func utilisationFollowsTheTextbook(servers: Int, half: Double, twice: Double, thrice: Double) {
        let line = ServerQueue(servers: servers)
        for (factor, expected) in [(1.5, half), (2, twice), (3, thrice)] {
            #expect(abs(line.highestUtilisation(factor: factor) - expected) < 0.008, "\(servers) at \(factor)")
        }
    }

    @Test(arguments: [
        (1, 3.3, 5.0, 10.0), (2, 2.0, 2.8, 5.3), (4, 1.4, 1.8, 3.0), (8, 1.1, 1.3, 1.9), (16, 1.0, 1.1, 1.4),
    ])
    func responseTimesFollowTheTextbook(servers: Int, at70: Double, at80: Double, at90: Double) {
        let line = ServerQueue(servers: servers)
        for (utilisation, expected) in [(0.7, at70), (0.8, at80), (0.9, at90)] {
            #expect(abs(line.responseFactor(at: utilisation) - expected) < 0.06, "\(servers) at \(utilisation)")
        }
    }

    @Test func oneServerWaitsAsOftenAsItIsBusy() {
        let line = ServerQueue(servers: 1)
        for utilisation in [0.1, 0.5, 0.9] {
            #expect(abs(line.waitingChance(at: utilisation) - utilisation) < 1e-9)
        }
    }

    @Test func aShareOfAnswersTakesLongerThanTheMean() {
        let line = ServerQueue(servers: 1)
        // P(W > t) = 0.5 e^(−t/2) is 1 % at t = 2 ln 50.
        #expect(abs(line.responseFactor(at: 0.5, share: 0.99) - (1 + 2 * 3.912)) < 0.001)
        #expect(line.highestUtilisation(factor: 3, share: 0.99) < line.highestUtilisation(factor: 3))
    }

    @Test func numbersThatCannotBeTrapNobody() {
        for servers in [Int.min, 0, 1, Int.max] {
            let line = ServerQueue(servers: servers)
            for utilisation in [-1, 0, 0.5, 1, 2, .infinity, .nan] {
                #expect((0...1).contains(line.waitingChance(at: utilisation)))
            }
            #expect(line.highestUtilisation(factor: .nan) == 0)
        }
        #expect(ServerQueue.staffing(for: .nan) == 0)
        #expect(abs(ServerQueue.staffing(for: 64, care: 2) - 80) < 1e-9)
    }
}
