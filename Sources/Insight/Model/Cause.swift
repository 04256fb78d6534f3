/// What a tier is short of.
public enum Cause: String, CaseIterable, Sendable, Codable {
    /// Nothing.
    case healthy
    /// Its processors.
    case processor = "cpu"
    /// Its disks.
    case disk = "io"
    /// Memory for the page cache: files are read again that were just dropped.
    case pageCache = "page-cache"
    /// As many connections as may be are open.
    case connections
    /// One thread, or as many workers as there are, do all they can while processors idle.
    case workers
    /// Memory: processes were killed, or pages are swapped.
    case memory
    /// Room on a file system.
    case space
    /// Jobs come faster than workers take them.
    case backlog
    /// It waits for another tier.
    case dependency
    /// The network loses or holds back what it sends.
    case network
    /// Others take the processors it should have.
    case neighbour
    /// One host has more to do than the others, or less to do it with.
    case imbalance
    /// Too little was seen to say.
    case unknown
}
