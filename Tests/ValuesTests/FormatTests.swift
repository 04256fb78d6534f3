import Fleet
import Testing

@testable import Values

@Suite struct FormatTests {
    /// `format(value, specification)`.
    @Test func valuesAreLaidOutAsPythonDoes() {
        let rows = RecordedRows.rows("formats.tsv")
        #expect(rows.count > 3600)
        for row in rows {
            let answer = Self.answer { () throws(FormatError) in
                try Self.formatted(RecordedRows.value(row[0]), RecordedRows.text(row[1]))
            }
            #expect(answer == row[2], "\(row[0]) \(row[1])")
        }
    }

    private static func formatted(_ value: Value, _ text: String) throws(FormatError) -> String {
        switch value {
        case .int(let number): try FormatSpec(text, for: "int").format(number)
        case .double(let number): try FormatSpec(text, for: "float").format(number)
        case .bool(let flag):
            // A boolean's `__format__` is a whole number's.
            try text.isEmpty ? value.pythonText : FormatSpec(text, for: "bool").format(flag ? 1 : 0)
        default: try FormatSpec(text, for: "str").format(value.text ?? "")
        }
    }

    private static func answer(_ body: () throws(FormatError) -> String) -> String {
        do throws(FormatError) {
            return "s" + RecordedRows.field(try body())
        } catch {
            return "!" + RecordedRows.field(error.reason)
        }
    }

    /// `'%…' % value`, as far as no value is needed to know: formats that Python refuses are refused in its words.
    @Test func percentFormatsAreReadAsPythonDoes() {
        let unreadable = ["incomplete format", "unsupported format character", "width too big", "precision too big"]
        for row in RecordedRows.rows("percents.tsv") {
            do throws(FormatError) {
                _ = try PercentFormat(RecordedRows.text(row[0]))
                let isRefused = unreadable.contains { row[2].hasPrefix("!" + $0) }
                #expect(!isRefused, "\(row)")
            } catch {
                // Python finds fault with values that stand before the place as well.
                let isRefused = row[2].hasPrefix("!")
                #expect(isRefused, "\(row[0]) \(row[1]): \(error.reason), not \(row[2])")
            }
        }
    }
}
