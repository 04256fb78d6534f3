/// Python's view of text: a sequence of code points.
extension String {
    /// The number of code points.
    var scalarCount: Int { unicodeScalars.count }

    /// Whether the code points are the same; Swift's `==` would take `é` and `e` + accent for equal.
    func hasSameScalars(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Orders by code points.
    func precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

    /// Every place where `part` is, left to right, without overlaps, becomes `replacement`; at most `limit` times.
    func replacingScalars(of part: String, with replacement: String, limit: Int = -1) -> String {
        if part.isEmpty { return interleaved(with: replacement, limit: limit) }
        var result: [UInt8] = []
        var rest = ArraySlice(utf8)
        let pattern = Array(part.utf8)
        var left = limit < 0 ? Int.max : limit
        while left != 0, let place = rest.firstPlace(of: pattern) {
            result += rest[..<place]
            result += replacement.utf8
            rest = rest[(place + pattern.count)...]
            left -= 1
        }
        result += rest
        return String(decoding: result, as: UTF8.self)
    }

    /// As ``replacingScalars(of:with:limit:)``.
    /// - Throws: `.type` when the result is more than a text may have.
    func replaced(_ part: String, with replacement: String, limit: Int = -1) throws -> String {
        if replacement.utf8.count > part.utf8.count {
            let most = part.isEmpty ? scalarCount + 1 : utf8.count / part.utf8.count
            let (product, isTooLarge) = most.multipliedReportingOverflow(by: replacement.utf8.count)
            if isTooLarge || product + utf8.count > Extent.mostText {
                // Only then is it worth counting.
                let found = part.isEmpty ? scalarCount + 1 : parts(separatedBy: part, limit: limit).count - 1
                try Extent.check(text: replacement.utf8.count, times: limit < 0 ? found : min(found, limit))
            }
        }
        return replacingScalars(of: part, with: replacement, limit: limit)
    }

    private func interleaved(with text: String, limit: Int) -> String {
        var result = String.UnicodeScalarView()
        var left = limit < 0 ? Int.max : limit
        for scalar in unicodeScalars {
            if left != 0 { result.append(contentsOf: text.unicodeScalars) }
            left = max(0, left - 1)
            result.append(scalar)
        }
        if left != 0 { result.append(contentsOf: text.unicodeScalars) }
        return String(result)
    }

    /// Cuts at every `separator`; at most `limit` times.
    func parts(separatedBy separator: String, limit: Int = -1) -> [String] {
        var result: [String] = []
        var rest = ArraySlice(utf8)
        let pattern = Array(separator.utf8)
        var left = limit < 0 ? Int.max : limit
        while left != 0, let place = rest.firstPlace(of: pattern) {
            result.append(String(decoding: rest[..<place], as: UTF8.self))
            rest = rest[(place + pattern.count)...]
            left -= 1
        }
        result.append(String(decoding: rest, as: UTF8.self))
        return result
    }

    /// Whether `part` occurs; the empty text always does.
    func containsScalars(of part: String) -> Bool { ArraySlice(utf8).firstPlace(of: Array(part.utf8)) != nil }
}

extension ArraySlice<UInt8> {
    /// Index of the first occurrence of `pattern`.
    func firstPlace(of pattern: [UInt8]) -> Int? {
        guard let first = pattern.first else { return startIndex }
        guard count >= pattern.count else { return nil }
        var place = startIndex
        let last = endIndex - pattern.count
        while place <= last {
            if self[place] == first, self[place..<(place + pattern.count)].elementsEqual(pattern) { return place }
            place += 1
        }
        return nil
    }
}
