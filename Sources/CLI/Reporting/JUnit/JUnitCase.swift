import Fleet

/// A test case of a JUnit report: a host, a gate, or the command itself.
struct JUnitCase: Sendable, Equatable {
    /// How it ended.
    enum Outcome: Sendable, Equatable {
        case passed
        /// Nothing was begun.
        case skipped
        /// What kind of failure, in one sentence, and what was said there.
        case failed(type: String, message: String, detail: [String])
    }

    /// What it is among: `production.hosts`, `production.gates.batch1`.
    var group: String
    var name: String
    var time: Duration = .zero
    var outcome: Outcome = .passed
}

/// Test cases as JUnit's XML, which every CI reads: well-formed whatever hosts say.
struct JUnitText {
    let title: String
    let cases: [JUnitCase]
    let time: Duration
    /// Takes secrets out of what was said.
    let mask: @Sendable (String) -> String

    /// The file's text.
    var text: String {
        let failed = cases.count { if case .failed = $0.outcome { true } else { false } }
        let skipped = cases.count { $0.outcome == .skipped }
        let counts = #"tests="\#(cases.count)" failures="\#(failed)" errors="0""#
        let head = #"name="\#(escaped(title))" \#(counts)"#
        let suite = #"  <testsuite \#(head) skipped="\#(skipped)" time="\#(Seconds.of(time))">"#
        let lines = [#"<?xml version="1.0" encoding="UTF-8"?>"#, "<testsuites \(head)>", suite]
        return (lines + cases.map(text) + ["  </testsuite>", "</testsuites>", ""]).joined(separator: "\n")
    }

    private func text(of test: JUnitCase) -> String {
        let place = #"classname="\#(escaped(test.group))" name="\#(escaped(test.name))""#
        let head = #"    <testcase \#(place) time="\#(Seconds.of(test.time))""#
        switch test.outcome {
        case .passed: return head + "/>"
        case .skipped: return head + "><skipped/></testcase>"
        case .failed(let type, let message, let detail):
            let failure = #"<failure type="\#(escaped(type))" message="\#(escaped(message))">"#
            let said = ([message] + detail).map(escaped).joined(separator: "\n")
            return head + ">" + failure + said + "</failure></testcase>"
        }
    }

    /// `text` as it may stand in an attribute or between tags: XML has no way to write most control characters.
    private func escaped(_ text: String) -> String {
        var shown = ""
        for scalar in VisibleText.line(mask(text)).unicodeScalars {
            switch scalar {
            case "&": shown += "&amp;"
            case "<": shown += "&lt;"
            case ">": shown += "&gt;"
            case "\"": shown += "&quot;"
            // A tab in an attribute would be read as a blank.
            case "\t": shown += "&#9;"
            case "\u{FFFE}", "\u{FFFF}": shown += VisibleText.escape(scalar)
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}
