import Fleet
import OrderedCollections
import Testing

@testable import Values

@Suite struct YAMLScalarTests {
    /// As PyYAML resolves them, whole numbers beyond 64 bits and dates being text.
    @Test func scalarsResolveAsPyYAMLResolvesThem() {
        let rows = RecordedRows.rows("yaml-scalars.tsv")
        #expect(rows.count > 180)
        for row in rows where row[1] != "!" {
            #expect(RecordedRows.spelled(YAMLScalar.resolve(RecordedRows.text(row[0]))) == row[1], "\(row[0])")
        }
    }

    /// Whatever is not read as text is not written without quotes either.
    @Test func textsThatLookTypedAreThoseThatAreTyped() {
        for row in RecordedRows.rows("yaml-scalars.tsv") {
            let text = RecordedRows.text(row[0])
            if case .string = YAMLScalar.resolve(text) { continue }
            #expect(YAMLScalar.looksTyped(text), "\(row[0])")
        }
    }
}

@Suite struct YAMLWriterTests {
    private static func layout(
        _ flow: YAMLLayout.Flow = .leaves, _ change: (inout YAMLLayout) -> Void = { _ in }
    ) -> YAMLLayout {
        var layout = YAMLLayout()
        layout.flow = flow
        change(&layout)
        return layout
    }

    /// The layouts of the recorder, in its order.
    private static let layouts: [YAMLLayout] = [
        layout(), layout(.never), layout(.always), layout(.never) { $0.indent = 4 },
        layout(.never) { ($0.indent, $0.width) = (2, 40) }, layout(.never) { $0.sortsKeys = false },
        layout { $0.style = "\"" }, layout { $0.style = "'" },
        layout { ($0.startsExplicitly, $0.endsExplicitly) = (true, true) }, layout(.never) { $0.width = 1000 },
        layout { ($0.indent, $0.width) = (20, 3) }, layout(.never) { $0.style = "|" },
        layout(.never) { $0.style = ">" },
        layout(.never) { $0.allowsUnicode = false }, layout { $0.isCanonical = true },
    ]

    @Test func writesAsPyYAMLDoes() throws {
        let rows = RecordedRows.rows("yaml-written.tsv")
        #expect(rows.count > 200)
        for row in rows where !row[0].contains("(") {
            let value = RecordedRows.value(row[0])
            for (index, expected) in row.dropFirst().enumerated() where !expected.hasPrefix("!") {
                let written = try Self.written(value, Self.layouts[index])
                #expect(RecordedRows.field(written) == expected, "\(row[0]) \(index)")
            }
        }
    }

    /// A value written by the writer alone; Templating writes its own objects so.
    private static func written(_ value: Value, _ layout: YAMLLayout) throws -> String {
        let writer = try YAMLWriter(layout)
        try write(value, to: writer, layout)
        return try writer.finish()
    }

    private static func write(_ value: Value, to writer: YAMLWriter, _ layout: YAMLLayout) throws {
        switch value {
        case .null: try writer.writeNull()
        case .bool(let flag): try writer.write(flag)
        case .int(let number): try writer.write(number)
        case .double(let number): try writer.write(number)
        case .string(let text): try writer.write(text)
        case .template(let template): try writer.write(template.text)
        case .list(let items):
            try writer.open(.list, inFlow: layout.isFlow(items.map(isScalar)))
            for item in items { try write(item, to: writer, layout) }
            try writer.close(.list)
        case .map(let fields):
            try writer.open(.map, inFlow: layout.isFlow(fields.flatMap { [isScalar($0.key), isScalar($0.value)] }))
            for (key, value) in layout.sortsKeys ? sorted(fields) : fields.map({ ($0.key, $0.value) }) {
                try write(key, to: writer, layout)
                try write(value, to: writer, layout)
            }
            try writer.close(.map)
        }
    }

    private static func isScalar(_ value: Value) -> Bool {
        switch value {
        case .list, .map: false
        default: true
        }
    }

    private static func sorted(_ fields: OrderedDictionary<Value, Value>) -> [(Value, Value)] {
        let pairs = fields.map { ($0.key, $0.value) }
        // PyYAML leaves keys that can't be ordered as they stand.
        let kinds = Set(pairs.map { Self.kind($0.0) })
        if kinds.count > 1 || kinds == ["none"] { return pairs }
        return JSONKeys.sorted(fields).map { ($0.key, $0.value) }
    }

    private static func kind(_ key: Value) -> String {
        switch key {
        case .bool, .int, .double: "number"
        case .string: "text"
        default: "none"
        }
    }
}
