import Fleet
import Testing

@testable import Values

@Suite struct NumberReadingTests {
    /// `int(text, base)` and `float(text)`.
    @Test func numbersAreReadAsPythonDoes() {
        let rows = RecordedRows.rows("numbers.tsv")
        #expect(rows.count > 100)
        for row in rows {
            let text = RecordedRows.text(row[0])
            for (base, expected) in zip([10, 16, 8, 2, 0, 36], row[1...6]) {
                // Beyond 64 bits there is no number here.
                if expected.hasPrefix("s") { continue }
                let number = NumberReading.whole(text, base: base).map { "i\($0)" } ?? "!"
                #expect(number == expected, "\(row[0]) base \(base)")
            }
            let number = NumberReading.floating(text).map { RecordedRows.spelled(.double($0)) } ?? "!"
            #expect(number == row[7], "\(row[0])")
        }
    }
}

@Suite struct DateTests {
    /// `strftime` in zones that are ahead and behind, in summer and winter, and by fractions of an hour.
    @Test func datesAreFormattedAsPythonDoes() throws {
        let rows = RecordedRows.rows("dates.tsv")
        #expect(rows.count == 600)
        for row in rows {
            guard case .double(let seconds) = RecordedRows.value(row[0]), let ahead = Int(row[1]) else { continue }
            let zone = ZoneOffset(seconds: ahead, name: row[2])
            let text = DateText.format(RecordedRows.text(row[3]), seconds, in: zone)
            #expect(RecordedRows.field(text) == row[4], "\(row)")
        }
    }

    /// `strptime`, whose dates must be there.
    @Test func datesAreReadAsPythonDoes() {
        let rows = RecordedRows.rows("date-texts.tsv")
        #expect(rows.count > 40)
        for row in rows {
            let seconds = DateReader.seconds(RecordedRows.text(row[0]), RecordedRows.text(row[1]))
            #expect((seconds.map { RecordedRows.spelled(.double($0)) } ?? "!") == row[2], "\(row)")
        }
    }
}
