import Foundation

/// Home folders in paths, as Python's `os.path.expanduser` puts them in.
public enum HomeFolder {
    /// `path` with a leading `~` or `~user` replaced by that user's home folder; as it is when nobody knows the folder.
    ///
    /// - Parameter home: The folder of a user; of the one who runs Drover, for an empty name.
    public static func expanding(_ path: String, home: (String) -> String?) -> String {
        guard path.utf8.first == UInt8(ascii: "~") else { return path }
        let end = path.utf8.firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
        guard let folder = home(String(path[..<end].dropFirst())) else { return path }
        var trimmed = folder[...]
        while trimmed.utf8.last == UInt8(ascii: "/") { trimmed.removeLast() }
        let expanded = String(trimmed + path[end...])
        return expanded.isEmpty ? "/" : expanded
    }

    /// The same with the home folders of this machine's accounts, whatever `$HOME` says, as OpenSSH has it.
    public static func expanding(_ path: String) -> String {
        expanding(path) { user in NSHomeDirectoryForUser(user.isEmpty ? NSUserName() : user) }
    }
}
