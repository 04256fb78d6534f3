import Fleet
import Testing

@testable import Balancing

/// What stands behind the `server` lines of members that somebody took out.
@Suite struct KeptOutNoteTests {
    @Test(arguments: [
        KeptOut(isMaintenance: true), KeptOut(isMaintenance: false),
        KeptOut(by: "me@here:1", since: Timestamp(milliseconds: 5), reason: "why: # not", isMaintenance: true),
        KeptOut(since: Timestamp(milliseconds: 1_764_560_000_000), isMaintenance: false),
    ])
    func isReadBack(_ kept: KeptOut) { #expect(KeptOutNote.read(KeptOutNote.text(kept)) == kept) }

    /// It must not become a line, or a command, of its own.
    @Test(arguments: ["a\nserver evil 1.2.3.4:80", "a\r\n\tb", "\u{1B}[31mred", String(repeating: "long ", count: 500)])
    func whateverSomebodyTypesIsOneShortLine(_ reason: String) {
        let text = KeptOutNote.text(KeptOut(by: "me you", reason: reason, isMaintenance: true))
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 } && text.count < 300)
        #expect(KeptOutNote.read(text)?.by == "me_you")
    }

    @Test(arguments: [
        "", "#", "# mine", "# maintenance", "# maintenance since x by y", "# drained by", "# drained by a b",
    ])
    func otherCommentsAreNone(_ comment: String) { #expect(KeptOutNote.read(comment) == nil) }
}
