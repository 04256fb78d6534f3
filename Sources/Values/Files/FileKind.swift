/// What kind of thing stands at a path.
public enum FileKind: Hashable, Sendable {
    /// A regular file.
    case file
    /// A folder.
    case directory
    /// A symbolic link.
    case link
    /// A named pipe.
    case fifo
    /// A socket.
    case socket
    /// A character device.
    case characterDevice
    /// A block device.
    case blockDevice

    /// What the file type bits of `st_mode` mean (`inode(7)`); `nil` for bits that no kind has.
    public init?(mode: UInt32) {
        switch mode & 0o170000 {
        case 0o100000: self = .file
        case 0o040000: self = .directory
        case 0o120000: self = .link
        case 0o010000: self = .fifo
        case 0o140000: self = .socket
        case 0o020000: self = .characterDevice
        case 0o060000: self = .blockDevice
        default: return nil
        }
    }

    /// What the letter of `find -printf %y` means; `nil` for one that no kind has.
    public init?(letter: String) {
        switch letter {
        case "f": self = .file
        case "d": self = .directory
        case "l": self = .link
        case "p": self = .fifo
        case "s": self = .socket
        case "c": self = .characterDevice
        case "b": self = .blockDevice
        default: return nil
        }
    }
}
