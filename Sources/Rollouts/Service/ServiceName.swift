import Fleet

/// What may name a service, a stage, a pool and a unit: all of them become parts of commands, paths and files on hosts.
enum ServiceName {
    /// - Throws: ``InputError`` at `place` unless `name` has only letters, digits, `.`, `_` and `-`, and begins with
    ///   neither `.` nor `-`.
    static func check(_ name: String, of thing: String, at place: SourceLocation) throws(InputError) {
        guard let first = name.utf8.first, isAlphanumeric(first) || first == UInt8(ascii: "_"), name.utf8.count <= 64,
            name.utf8.allSatisfy({ isAlphanumeric($0) || "._-".utf8.contains($0) })
        else {
            throw InputError(
                "'\(name)' cannot name a \(thing)", at: place,
                hints: ["use letters, digits, '.', '_' and '-', at most 64, neither '.' nor '-' first"])
        }
    }

    /// - Throws: ``InputError`` at `place` unless HAProxy takes `name` for a backend.
    static func check(pool name: String, at place: SourceLocation) throws(InputError) {
        guard name.utf8.count <= 64, name.utf8.allSatisfy({ isAlphanumeric($0) || "._:-".utf8.contains($0) }) else {
            throw InputError(
                "'\(name)' cannot name a pool: no backend of HAProxy is called so", at: place,
                hints: ["use letters, digits, '.', '_', ':' and '-', at most 64"])
        }
    }

    /// - Throws: ``InputError`` at `place` unless systemd takes `name` for a unit that can be restarted.
    static func check(unit name: String, at place: SourceLocation) throws(InputError) {
        let stem = unitTypes.first { name.hasSuffix($0) }.map { name.dropLast($0.count) }
        let isPlain = name.utf8.allSatisfy { isAlphanumeric($0) || ":_.\\@-".utf8.contains($0) }
        guard isPlain, name.utf8.count <= 255, !name.hasPrefix("-") else {
            throw InputError(
                "'\(name)' cannot name a unit of systemd", at: place,
                hints: ["units are called like shop.service or shop@1.service"])
        }
        guard let stem, !stem.isEmpty, stem.last != "@" else {
            throw InputError(
                "'\(name)' is no whole name of a unit", at: place,
                hints: [
                    name.hasSuffix("@.service")
                        ? "name an instance of the template, such as \(name.dropLast(8))1.service"
                        : "did you mean '\(name).service'?"
                ])
        }
    }

    private static let unitTypes = [".service", ".socket", ".target", ".timer", ".path"]

    /// Whether a path on a host may have it.
    static func isPathByte(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "._-/@+:=,~".utf8.contains(byte) }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
