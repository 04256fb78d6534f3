import Fleet

/// A build as what differs from another one: zstd's patch of one tar to the other.
struct BuildDelta: Hashable, Sendable {
    /// The build that it starts from.
    var base: BuildDigest
    /// Where it lies on this machine.
    var path: String
    /// Its length in bytes.
    var size: Int64
    /// The length of both tars.
    var baseSize: Int64, tarSize: Int64

    /// What a host needs of memory while it makes the build: both tars, and something to work in.
    var memory: Int64 { baseSize + tarSize + 32 << 20 }
    /// What it needs on its disk meanwhile.
    var room: Int64 { size + baseSize + tarSize }

    /// A build whose file is smaller is sent as it is: hosts would need longer for it than the network.
    static let smallestFile: Int64 = 256 << 10
    /// Tars that are larger are not held in memory, here or on hosts.
    static let largestTar: Int64 = 512 << 20

    /// The base-2 logarithm of the window that finds the same bytes anywhere in a tar of so many.
    static func window(_ size: Int64) -> Int { min(31, max(27, Int64.bitWidth - size.leadingZeroBitCount)) }

    /// Whether it is worth a host's time in place of so many bytes.
    func isWorthIt(inPlaceOf whole: Int64) -> Bool { size < whole / 10 * 9 }
}
