import Sampling
import Testing

struct SampleTests {
    @Test func whatIsNotKnownIsNotZero() {
        var sample = Sample(time: 1, interval: 10)
        #expect(sample[.user] == nil)
        sample[.user] = 12.5
        #expect(sample[.user] == 12.5)
        sample[.user] = nil
        #expect(sample[.user] == nil)
    }

    @Test func everyFigureHasAPlaceOfItsOwn() {
        #expect(Metric.allCases.map(\.index) == Array(Metric.allCases.indices))
    }
}
