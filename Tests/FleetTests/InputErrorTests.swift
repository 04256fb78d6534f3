import Fleet
import Testing

/// Where an error stands.
@Suite struct InputErrorTests {
    @Test(arguments: [
        (SourceLocation(file: "site.yml"), "site.yml"), (SourceLocation(file: "site.yml", line: 3), "site.yml:3"),
        (SourceLocation(file: "site.yml", line: 3, column: 7), "site.yml:3:7"),
        (SourceLocation(file: "site.yml", column: 7), "site.yml"),
        (SourceLocation(file: "a:b.yml", line: 1), "a:b.yml:1"),
    ])
    func aPlaceReadsAsCompilersWriteIt(_ place: Fleet.SourceLocation, _ text: String) {
        #expect("\(place)" == text)
        #expect(InputError("wrong", at: place).subject == text)
    }

    @Test func theFirstPlaceStays() {
        let inner = SourceLocation(file: "inner.yml", line: 2)
        let outer = SourceLocation(file: "outer.yml", line: 9)
        let error = InputError("wrong", hints: ["mend it"])
        #expect(error.subject == nil)
        #expect(error.located(at: nil) == error)
        #expect(error.located(at: outer).location == outer)
        #expect(error.located(at: inner).located(at: outer).location == inner)
        #expect(error.located(at: inner).hints == ["mend it"])
    }
}
