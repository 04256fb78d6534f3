import Insight
import Testing

struct CauseTests {
    @Test func causesAreTheWordsThatProgramsRead() {
        #expect(Cause.allCases.allSatisfy { $0.rawValue.allSatisfy { $0.isLowercase || $0 == "-" } })
    }
}
