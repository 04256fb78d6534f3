/// An archive of a kind that is not taken, by what its file begins with.
enum ForeignArchive {
    case xz, bzip2, lz4, zip, compress, lzip, executable, sevenZip, package

    /// What a file that begins with `head` is, if it is one of these.
    init?(head: [UInt8]) {
        guard let found = Self.heads.first(where: { head.starts(with: $0.0) }) else { return nil }
        self = found.1
    }

    private static let heads: [([UInt8], Self)] = [
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], .xz), (Array("BZh".utf8), .bzip2), ([0x04, 0x22, 0x4D, 0x18], .lz4),
        ([0x50, 0x4B, 0x03, 0x04], .zip), ([0x50, 0x4B, 0x05, 0x06], .zip), ([0x1F, 0x9D], .compress),
        (Array("LZIP".utf8), .lzip), ([0x7F, 0x45, 0x4C, 0x46], .executable),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .sevenZip), (Array("!<arch>\n".utf8), .package),
    ]

    /// What it is, for people.
    var words: String {
        switch self {
        case .xz: "compressed with xz, which is not taken"
        case .bzip2: "compressed with bzip2, which is not taken"
        case .lz4: "compressed with lz4, which is not taken"
        case .zip: "a zip archive (or .jar, .war), which is not taken"
        case .compress: "compressed with compress, which is not taken"
        case .lzip: "compressed with lzip, which is not taken"
        case .executable: "a program by itself, and no tar archive"
        case .sevenZip: "a 7-Zip archive, which is not taken"
        case .package: "a Debian package or a library, and no tar archive"
        }
    }
}
