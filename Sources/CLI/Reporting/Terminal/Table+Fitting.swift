extension Table {
    /// The same at most `width` wide: spare columns are left out first, then what is in the widest ones is shortened in its
    /// middle, where names differ least.
    func fitted(to width: Int) -> Table {
        var table = self
        for title in spare {
            guard table.width > width else { return table }
            if let column = table.titles.firstIndex(of: title) { table.remove(column) }
        }
        while table.width > width, let widest = table.widestColumn {
            let (column, own) = widest
            let next = table.widths.enumerated().filter { $0.offset != column }.map(\.element).max() ?? 0
            // Columns that are as wide as another are shortened by turns.
            table.shorten(column, to: max(own - (table.width - width), min(own - 1, next), Self.narrowest))
        }
        return table
    }

    /// Shorter than this nothing can be told from another.
    private static let narrowest = 8

    private var widths: [Int] {
        titles.indices.map { column in
            ([titles[column]] + rows.map { $0[column] }).map { VisibleText.cell($0).count }.max() ?? 0
        }
    }

    private var width: Int { widths.reduce(0, +) + max(0, titles.count - 1) }

    /// The widest column that can be shortened.
    private var widestColumn: (Int, Int)? {
        let candidates = widths.enumerated().filter { $0.element > max(Self.narrowest, titles[$0.offset].count) }
        return candidates.max { $0.element < $1.element }.map { ($0.offset, $0.element) }
    }

    private mutating func remove(_ column: Int) {
        titles.remove(at: column)
        for row in rows.indices { rows[row].remove(at: column) }
    }

    private mutating func shorten(_ column: Int, to width: Int) {
        for row in rows.indices {
            rows[row][column] = WrappedText.shortened(VisibleText.cell(rows[row][column]), to: width)
        }
    }
}
