import Fleet
import Foundation
import Testing

@testable import Values

@Suite struct PythonTextTests {
    @Test func strAndReprAreAsPythonGivesThem() {
        let rows = RecordedRows.rows("texts.tsv")
        #expect(rows.count > 130)
        for row in rows {
            let value = RecordedRows.value(row[0])
            #expect(RecordedRows.field(value.pythonText) == row[1], "\(row[0])")
            #expect(RecordedRows.field(value.pythonRepresentation) == row[2], "\(row[0])")
        }
    }

    /// Every character that Unicode 14 has assigned.
    @Test func charactersArePrintableAsPythonSays() {
        for row in RecordedRows.rows("printable.tsv") where row[0] != "u" {
            guard let first = UInt32(row[1], radix: 16), let last = UInt32(row[2], radix: 16) else { continue }
            let wrong = (first...last).compactMap(Unicode.Scalar.init).filter {
                PythonText.isPrintable($0) != (row[0] == "p")
            }
            #expect(wrong.isEmpty, "\(row)")
        }
    }

    @Test func escapesAreDecodedAsPythonDoes() {
        let rows = RecordedRows.rows("escapes.tsv")
        #expect(rows.count > 38)
        for row in rows {
            do throws(PythonEscapes.EscapeError) {
                #expect(
                    "s" + RecordedRows.field(try PythonEscapes.decode(RecordedRows.text(row[0]))) == row[1], "\(row[0])"
                )
            } catch {
                #expect("!" + RecordedRows.field(error.reason) == row[1], "\(row[0])")
            }
        }
    }

    @Test func literalsAreReadAsAnInventoryReadsThem() {
        let rows = RecordedRows.rows("literals.tsv")
        #expect(rows.count > 200)
        // Ansible refuses one of them, and Drover takes it for a text.
        for row in rows where row[1] != "!TypeError" {
            let value = PythonLiteral.value(of: RecordedRows.text(row[0]), at: SourceLocation(file: "hosts"))
            #expect(
                RecordedRows.spelled(value) == row[1].replacing("(", with: "[").replacing(")", with: "]"), "\(row[0])")
        }
    }
}

@Suite struct BooleanTests {
    /// Each place's words, as the places of Ansible read them.
    @Test func eachPlaceReadsBooleansAsAnsibleDoes() {
        let rows = RecordedRows.rows("booleans.tsv")
        #expect(rows.count > 160)
        for row in rows {
            let value = RecordedRows.value(row[0])
            // An argument of `type: bool` and a keyword read the same.
            for (place, column) in [(BooleanPlace.argument, 1), (.argument, 2), (.lenientArgument, 3), (.filter, 4)] {
                #expect(Self.mark(value.boolean(in: place), none: "!") == row[column], "\(row[0]) \(place)")
            }
            guard row.count > 6, row[7] != "!" else { continue }
            #expect(Self.mark(value.boolean(in: .python), none: "-") == row[6], "\(row[0])")
            // YAML has taken the blanks off by then.
            let word = Value.string((value.text ?? "").trimmingCharacters(in: .whitespacesAndNewlines))
            #expect(Self.mark(word.boolean(in: .yaml), none: "-") == row[7] || row[0].contains("%C2%A0"), "\(row[0])")
        }
    }

    private static func mark(_ flag: Bool?, none: String) -> String { flag.map { $0 ? "t" : "f" } ?? none }
}
