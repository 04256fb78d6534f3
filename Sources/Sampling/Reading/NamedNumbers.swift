/// Numbers by name, as most of the kernel's files have them.
struct NamedNumbers: Sendable, Equatable {
    private(set) var values: [String: UInt64] = [:]

    subscript(name: String) -> UInt64? { values[name] }

    /// The first of the names that is there: kernels and versions of control groups call the same thing differently.
    func first(of names: String...) -> UInt64? {
        for name in names {
            if let value = values[name] { return value }
        }
        return nil
    }

    /// Sum of all whose name begins so; `nil` where there is none.
    func sum(ofPrefix prefix: String) -> UInt64? {
        var result: UInt64?
        for (name, value) in values where name.hasPrefix(prefix) { result = (result ?? 0) &+ value }
        return result
    }

    /// `name 1`, or `name: 1 kB`, one a line.
    static func lines(_ bytes: [UInt8]) -> NamedNumbers {
        var result = NamedNumbers()
        for line in TextLines(bytes) {
            var words = Words(line)
            guard var name = words.next(), let value = words.next()?.number else { continue }
            if name.last == Ascii.colon { name = name.dropLast() }
            result.values[name.text] = value
        }
        return result
    }

    /// `Tcp: A B` and `Tcp: 1 2` below it, as `Tcp.A` and `Tcp.B`.
    static func table(_ bytes: [UInt8]) -> NamedNumbers {
        var result = NamedNumbers()
        var head: ArraySlice<UInt8>?
        for line in TextLines(bytes) {
            var values = Words(line)
            var names = Words(head ?? [])
            guard let group = names.next(), group == values.next(), group.last == Ascii.colon else {
                head = line
                continue
            }
            head = nil
            let prefix = group.dropLast().text
            while let name = names.next(), let value = values.next() {
                if let number = value.number { result.values["\(prefix).\(name.text)"] = number }
            }
        }
        return result
    }

    /// `TCP: inuse 5 tw 2`, as `TCP.inuse` and `TCP.tw`.
    static func pairs(_ bytes: [UInt8]) -> NamedNumbers {
        var result = NamedNumbers()
        for line in TextLines(bytes) {
            guard let (group, rest) = line.cut(at: Ascii.colon) else { continue }
            var words = Words(rest)
            while let name = words.next(), let value = words.next() {
                if let number = value.number { result.values["\(group.text).\(name.text)"] = number }
            }
        }
        return result
    }

    /// The same numbers with another's beside them.
    mutating func merge(_ other: NamedNumbers) {
        values.merge(other.values) { _, new in new }
    }
}
