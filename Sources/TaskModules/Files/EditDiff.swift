import Fleet
import OrderedCollections
import Values

/// The `diff` of a result that is about one file.
enum EditDiff {
    /// What the file holds.
    static func content(_ path: String, before: [UInt8], after: [UInt8]) -> Value {
        .map([
            "before": .string(TextContent.shown(before)), "after": .string(TextContent.shown(after)),
            "before_header": .string("\(path) (content)"), "after_header": .string("\(path) (content)"),
        ])
    }

    /// A file's content before, where it was there, and after.
    /// - Parameter name: What the new content is called.
    static func file(_ path: String, from before: [UInt8]?, to after: [UInt8], called name: String? = nil) -> Value {
        var fields: Variables = [
            "before": .string(before.map(TextContent.shown) ?? ""), "after": .string(TextContent.shown(after)),
            "after_header": .string(name ?? path),
        ]
        if before != nil { fields["before_header"] = .string(path) }
        return fields.asMap
    }

    /// Whose a file is, and who may do what with it, where nothing else changes.
    static func state(_ path: String, _ wanted: FileAttributes, _ state: PathState, _ umask: UInt16) -> Value {
        let (old, new) = changes(wanted, state, umask)
        let place: Variables = ["path": .string(path)]
        let fields: Variables = [
            "before": place.merging(old) { $1 }.asMap, "after": place.merging(new) { $1 }.asMap,
        ]
        return fields.asMap
    }

    /// Whose it is, and who may do what with it.
    static func attributes(_ path: String, _ wanted: FileAttributes, _ state: PathState, _ umask: UInt16) -> Value {
        let header = Value.string("\(path) (file attributes)")
        var fields: Variables = ["before_header": header, "after_header": header]
        let (old, new) = changes(wanted, state, umask)
        if !old.isEmpty { (fields["before"], fields["after"]) = (old.asMap, new.asMap) }
        return fields.asMap
    }

    private static func changes(
        _ wanted: FileAttributes, _ state: PathState, _ umask: UInt16
    ) -> (old: Variables, new: Variables) {
        let after = wanted.applied(to: state, umask: umask)
        var (old, new): (Variables, Variables) = ([:], [:])
        for (name, was, becomes) in [
            ("owner", Value.int(state.uid), Value.int(after.uid)), ("group", .int(state.gid), .int(after.gid)),
            ("mode", .string(FileMode.text(state.mode)), .string(FileMode.text(after.mode))),
        ] where was != becomes {
            old[name] = was
            new[name] = becomes
        }
        return (old, new)
    }
}
