import Fleet
import Inventories
import Values

/// Numbers, times and paths: each within bounds, so that nothing made of them can overflow.
extension ServiceFileFields {
    // MARK: paths

    /// A path on the hosts: absolute, plain, and without a detour.
    func absolutePath(_ key: String) throws(InputError) -> String? {
        guard var path = try optionalText(key) else { return nil }
        if path.hasSuffix("/") { path.removeLast() }
        guard path.hasPrefix("/"), path.count > 1 else {
            throw InputError("\(key) must be an absolute path on the hosts, but is '\(path)'", at: place(key))
        }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        if let part = parts.first(where: { ["", ".", ".."].contains($0) }) {
            let found = part.isEmpty ? "'//'" : "'\(part)'"
            throw InputError(
                "\(key) must not have \(found) in it, but is '\(path)'", at: place(key),
                hints: ["write the path that is meant, such as /srv/shop"])
        }
        guard path.utf8.count <= 200, path.utf8.allSatisfy(ServiceName.isPathByte) else {
            throw InputError(
                "\(key) has a character that such a path may not have, or is too long: '\(path)'", at: place(key),
                hints: ["use letters, digits and ._-/@+:=,~"])
        }
        return path
    }

    /// A URL's path, as it is written into a request and into HAProxy's configuration.
    func urlPath(_ key: String) throws(InputError) -> String? {
        guard let path = try optionalText(key) else { return nil }
        let isPlain = path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"'\\#;".utf8.contains($0) }
        guard path.hasPrefix("/"), isPlain, path.utf8.count <= 1000 else {
            throw InputError(
                "\(key) must be a URL's path such as /healthz, but is '\(path)'", at: place(key),
                hints: ["it begins with '/' and has no blanks, quotes, '\\', '#' and ';'"])
        }
        return path
    }

    // MARK: flags

    func flag(_ key: String) throws(InputError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard case .scalar(.bool(let flag)) = value.content else {
            throw InputError("\(key) must be true or false, but is \(value.summary)", at: value.location)
        }
        return flag
    }

    // MARK: numbers

    func number(_ key: String) throws(InputError) -> Int {
        try number(required(key), key, keys.bounds(ofNumber: key))
    }

    func optionalNumber(_ key: String) throws(InputError) -> Int? {
        guard let value = self[key] else { return nil }
        return try number(value, key, keys.bounds(ofNumber: key))
    }

    private func number(_ value: SourceNode, _ key: String, _ range: ClosedRange<Int>) throws(InputError) -> Int {
        guard case .scalar(.int(let number)) = value.content, range.contains(number) else {
            throw InputError(
                "\(key) must be a number from \(range.lowerBound) to \(range.upperBound), but is \(value.summary)",
                at: value.location)
        }
        return number
    }

    /// `200`, or `200-399`: answers of HTTP.
    func statuses(_ key: String) throws(InputError) -> ClosedRange<Int>? {
        guard let value = self[key] else { return nil }
        if case .scalar(.int(let one)) = value.content, (100...599).contains(one) { return one...one }
        let ends = value.text?.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) } ?? []
        guard ends.count == 2, let first = ends[0], let last = ends[1], (100...599).contains(first),
            (100...599).contains(last), first <= last
        else {
            throw InputError(
                "\(key) must be a status such as 200, or a range such as 200-399, but is \(value.summary)",
                at: value.location)
        }
        return first...last
    }

    /// `3` or `25%`.
    func batch(_ key: String) throws(InputError) -> BatchSize? {
        guard let value = self[key] else { return nil }
        if case .scalar(.int(let count)) = value.content, (1...10_000).contains(count) { return .hosts(count) }
        guard let size = value.text.flatMap(BatchSize.init), size.count(of: 1) <= 10_000 else {
            throw InputError(
                "\(key) must be a number of hosts or a percentage such as 25%, but is \(value.summary)",
                at: value.location)
        }
        return size
    }

    /// `90%`.
    func percentage(_ key: String) throws(InputError) -> Int? {
        guard let value = self[key] else { return nil }
        guard case .percent(let percent)? = value.text.flatMap(BatchSize.init) else {
            throw InputError(
                "\(key) must be a percentage from 1% to 100%, but is \(value.summary)", at: value.location,
                hints: ["\(key): 90%"])
        }
        return percent
    }

    /// `500ms`, `30s`, `5m`, `1h`, or a number of seconds.
    /// - Parameter bounds: Where those of the key are too wide.
    func duration(_ key: String, in bounds: ClosedRange<Duration>? = nil) throws(InputError) -> Duration? {
        guard let value = self[key] else { return nil }
        let range = bounds ?? keys.bounds(ofTime: key)
        var found = value.text.flatMap { Duration(written: $0) }
        if case .scalar(.int(let seconds)) = value.content, seconds >= 0 { found = .seconds(seconds) }
        guard let found else {
            throw InputError(
                "\(key) must be a time such as 500ms, 30s or 5m, but is \(value.summary)", at: value.location)
        }
        guard range.contains(found) else {
            throw InputError(
                "\(key) must be a time from \(range.lowerBound.written) to \(range.upperBound.written), but is "
                    + (value.text.map { "'\($0)'" } ?? value.summary), at: value.location)
        }
        return found
    }

    // MARK: settings with a value of their own

    /// What `read` makes of `key`, in place of `value`, where something right stands there; what is wrong is noted.
    func take<Field>(
        _ key: String, into value: inout Field, _ read: (Self, String) throws(InputError) -> Field?
    ) {
        if let found = attempt({ fields throws(InputError) in try read(fields, key) }) { value = found }
    }

    /// The same for a number.
    func takeNumber(_ key: String, into value: inout Int) {
        take(key, into: &value) { fields, key throws(InputError) in try fields.optionalNumber(key) }
    }

    /// The same for a time.
    func takeTime(_ key: String, into value: inout Duration) {
        take(key, into: &value) { fields, key throws(InputError) in try fields.duration(key) }
    }
}
