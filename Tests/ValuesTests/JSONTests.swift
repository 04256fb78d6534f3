import Fleet
import OrderedCollections
import TestSupport
import Testing

@testable import Values

@Suite struct JSONReaderTests {
    /// The same texts, values, words and places as Python's `json.loads`.
    @Test func readsAsPythonDoes() {
        let rows = RecordedRows.rows("json-read.tsv")
        #expect(rows.count > 280)
        for row in rows {
            let text = RecordedRows.text(row[0])
            do throws(JSONError) {
                #expect(RecordedRows.spelled(try Value(json: text)) == row[1], "\(row[0])")
            } catch {
                #expect("!" + RecordedRows.field(error.description) == row[1], "\(row[0])")
            }
        }
    }

    @Test func trustedTextsAreTemplatesButKeysAreNot() throws {
        let place = SourceLocation(file: "hosts.json")
        let value = try Value(json: #"{"{{ a }}": ["{{ b }}", "c"]}"#, trustedAt: place)
        #expect(value == .map(["{{ a }}": .list([.template(TemplateText("{{ b }}")), .string("c")])]))
        let untrusted = try Value(json: #"["{{ b }}"]"#)
        #expect(untrusted == .list([.string("{{ b }}")]))
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func depthIsBounded(_ start: String, _ end: String) throws {
        func nested(_ depth: Int) -> String {
            String(repeating: start, count: depth) + "1" + String(repeating: end, count: depth)
        }
        #expect(throws: Never.self) { try Value(json: nested(JSONReader.deepest)) }
        #expect(throws: JSONError.self) { try Value(json: nested(JSONReader.deepest + 1)) }
        #expect(throws: JSONError.self) { try Value(json: String(repeating: start, count: 1_000_000)) }
    }

    /// Whatever stands in a text, it is read or refused; what is read is written and read again as the same.
    @Test func damagedTextsAreReadOrRefused() throws {
        var dice = Dice(7)
        let seeds = RecordedRows.rows("json-read.tsv").map { Array(RecordedRows.text($0[0]).utf8) }
        for _ in 0..<20_000 {
            var bytes = seeds[dice.below(seeds.count)] + seeds[dice.below(seeds.count)]
            for _ in 0..<dice.below(4) where !bytes.isEmpty {
                bytes[dice.below(bytes.count)] = Self.telling[dice.below(Self.telling.count)]
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let value = try? Value(json: text) else { continue }
            let written = value.json()
            #expect(RecordedRows.spelled(try Value(json: written)) == RecordedRows.spelled(value), "\(text)")
        }
    }

    private static let telling = Array(#"{}[],:"\ud8cefn0123456789+-.eE \#u{1}"#.utf8) + [0x7F, 0xC3, 0xA9, 0xF0]
}

@Suite struct JSONWriterTests {
    /// The layouts of the recorder, in its order.
    private static let layouts: [JSONLayout] = [
        .line, JSONLayout(ensuresASCII: false), JSONLayout(indent: "    "), JSONLayout(indent: ""),
        JSONLayout(indent: "\t"), JSONLayout(indent: "  ", sortsKeys: true),
        JSONLayout(itemSeparator: ",", keySeparator: ":"), .listing,
        JSONLayout(indent: " ", itemSeparator: "; ", keySeparator: "="),
    ]

    @Test func writesAsPythonDoes() {
        let rows = RecordedRows.rows("json-written.tsv")
        #expect(rows.count > 130)
        for row in rows {
            let value = RecordedRows.value(row[0])
            for (layout, expected) in zip(Self.layouts, row.dropFirst()) where !expected.hasPrefix("!") {
                #expect(RecordedRows.field(value.json(layout)) == expected, "\(row[0]) \(layout)")
            }
        }
    }

    @Test func templatesAreWrittenAsTheirSourceUnlessTheyAreMarked() {
        let sealed = Value.template(
            TemplateText("$ANSIBLE_VAULT;1.1", vault: .ciphertext(open: { () throws(InputError) in "" })))
        let value = Value.list([.template(TemplateText("{{ a }}")), .string("{{ b }}"), sealed])
        #expect(value.json() == #"["{{ a }}", "{{ b }}", "$ANSIBLE_VAULT;1.1"]"#)
        var writer = JSONWriter()
        writer.write(value, marking: .vaultAndUnsafe)
        #expect(
            writer.text
                == #"["{{ a }}", {"__ansible_unsafe": "{{ b }}"}, {"__ansible_vault": "$ANSIBLE_VAULT;1.1"}]"#)
    }

    /// Keys that Python refuses to order are ordered all the same: no listing fails for a key.
    @Test func keysOfSeveralKindsAreNumbersBeforeNames() {
        let value = Value.map([.string("b"): .int(1), .int(10): .int(2), .bool(true): .int(3), .null: .int(4)])
        #expect(value.json(JSONLayout(sortsKeys: true)) == #"{"true": 3, "10": 2, "b": 1, "null": 4}"#)
    }
}
