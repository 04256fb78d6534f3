import Testing

@testable import CLI

@Suite struct TableTests {
    private static let table = {
        var table = Table("HOST", "STATE", "FROM", "PID")
        table.spare = ["PID", "FROM"]
        table.add("web-17.frontend.example.org", "up", "commit=0123456789", "12345")
        table.add("web-18.frontend.example.org", "starting", "-", "7")
        return table
    }()

    @Test(arguments: [
        (80, "HOST                        STATE    FROM              PID"),
        (56, "HOST                        STATE    FROM"), (40, "HOST                        STATE"),
        (30, "HOST                  STATE"), (17, "HOST     STATE"),
    ])
    func columnsAreLeftOutThenNamesShortened(_ width: Int, _ titles: String) {
        let lines = Self.table.fitted(to: width).lines
        #expect(lines.first == titles)
        #expect(lines.allSatisfy { $0.count <= width }, "\(lines)")
    }

    @Test func namesAreShortenedInTheirMiddle() {
        let lines = Self.table.fitted(to: 30).lines
        #expect(lines[1].hasPrefix("web-17.fro…xample.org"), "\(lines)")
        #expect(Self.table.fitted(to: 3).lines.count == 3, "what can't be narrower stays")
    }

    @Test(arguments: [
        ("abcdefgh", 8, "abcdefgh"), ("abcdefgh", 7, "abc…fgh"), ("abcdefgh", 2, "a…"), ("abc", 1, "abc"), ("", 5, ""),
    ])
    func textsKeepBothEnds(_ text: String, _ width: Int, _ shown: String) {
        #expect(WrappedText.shortened(text, to: width) == shown)
    }

    @Test func listsAreWrittenAsTheyAreWanted() {
        var terminal = Terminal(isInteractive: false, hasColour: false)
        terminal.redactor.add("frontend")
        #expect(terminal.lines(of: Self.table)[1].hasPrefix("web-17.********.example.org"))
        terminal.tables = .names
        #expect(terminal.lines(of: Self.table) == ["web-17.********.example.org", "web-18.********.example.org"])
        #expect(terminal.lines(of: Table("HOST")).isEmpty)
    }
}
