import Sampling
import Testing

struct WeightTests {
    static func second(idle: Double, iowait: Double = 0, scope: SampleScope = .machine, pressure: Double? = nil)
        -> Sample
    {
        var sample = Sample(time: 0, interval: 1, scope: scope)
        sample[.idle] = idle
        sample[.iowait] = iowait
        sample[.cpuPressure] = pressure
        return sample
    }

    /// The answer after the same second many times over.
    static func settled(_ sample: Sample) -> Int {
        var weight = HeadroomWeight()
        for _ in 0..<600 { weight.take(sample) }
        return weight.percent
    }

    @Test(arguments: [(100.0, 100), (40, 100), (22.5, 60), (5, 20), (0, 20)])
    func aMachinesWeightFollowsItsIdleTime(_ idle: Double, _ percent: Int) {
        #expect(Self.settled(Self.second(idle: idle)) == percent)
    }

    @Test func whatWaitsForADiskIsNotBusy() {
        #expect(Self.settled(Self.second(idle: 10, iowait: 80)) == 100)
    }

    /// Usage of 0.27 cores of two, and tasks that nearly always wait: a neighbour has the rest (measured so in a lab).
    @Test func aNeighbourLowersAContainersWeight() {
        #expect(Self.settled(Self.second(idle: 86, scope: .controlGroup, pressure: 97)) == 20)
        #expect(Self.settled(Self.second(idle: 90, scope: .controlGroup, pressure: 50)) < 85)
        #expect(Self.settled(Self.second(idle: 90, scope: .controlGroup, pressure: 5)) == 100)
        // A machine's own pressure comes of its own load, which is counted.
        #expect(Self.settled(Self.second(idle: 90, pressure: 97)) == 100)
    }

    @Test func itGoesDownAtOnceAndUpSlowly() {
        var weight = HeadroomWeight()
        for _ in 0..<60 { weight.take(Self.second(idle: 100)) }
        var seconds = 0
        while weight.percent > 25, seconds < 100 {
            weight.take(Self.second(idle: 0))
            seconds += 1
        }
        #expect(seconds < 30)
        for _ in 0..<50 { weight.take(Self.second(idle: 100)) }
        #expect(weight.percent < 40)
        for _ in 0..<300 { weight.take(Self.second(idle: 100)) }
        #expect(weight.percent == 100)
    }

    /// An hour of load that jumps every second around a mean: the answer finds its place and stays near it.
    @Test(arguments: [30.0, 55, 65, 70, 75, 80, 85, 90, 97], 1...3)
    func noisyLoadDoesNotMakeItFlap(_ mean: Double, _ seed: Int) {
        var weight = HeadroomWeight()
        var chance = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
        func noise() -> Double {
            var sum = 0.0
            for _ in 0..<12 {
                chance = chance &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                sum += Double(chance >> 11) / Double(1 << 53)
            }
            return sum - 6
        }
        var (changes, rises) = (0, 0)
        for second in 0..<3600 {
            let before = weight.percent
            weight.take(Self.second(idle: min(100, max(0, 100 - mean - 12 * noise()))))
            guard second > 300, weight.percent != before else { continue }
            changes += 1
            if weight.percent > before { rises += 1 }
        }
        // Fewer than one turn to and fro in five minutes.
        #expect(rises <= 11, "\(changes) changes, \(rises) of them up")
        #expect(weight.percent >= 20)
    }

    @Test func whatIsNotKnownChangesNothing() {
        var weight = HeadroomWeight()
        weight.take(Sample(time: 0, interval: 1))
        #expect(weight.percent == 100)
        #expect(weight.busy == nil)
    }
}
