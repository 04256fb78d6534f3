/// The SHA-256 of a build's file: what a build is, wherever it lies.
public struct BuildDigest: Hashable, Sendable, Codable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let description: String

    /// Checks and keeps `text`.
    /// - Throws: ``InputError`` when the text is not 64 hexadecimal digits.
    public init(_ text: String) throws(InputError) {
        let lower = text.lowercased()
        guard lower.utf8.count == 64, lower.utf8.allSatisfy(Hex.isLowerDigit) else {
            throw InputError(
                "'\(text)' is not a build's digest", hints: ["a digest has 64 hexadecimal digits: drover build list"])
        }
        description = lower
    }

    /// Decodes a digest, with the checks of ``init(_:)``.
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    /// Encodes the digest as a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// The name of the folder that holds this build unpacked.
    public var release: ReleaseID { ReleaseID(of: self) }
}

/// A build unpacked on a host: the first 12 digits of its digest, which name its folder there.
public struct ReleaseID: Hashable, Sendable, Codable, CustomStringConvertible {
    /// 12 lower-case hexadecimal digits.
    public let description: String

    /// The release that `digest` unpacks to.
    public init(of digest: BuildDigest) { description = String(digest.description.prefix(12)) }

    /// Reads a folder's name; `nil` when it names no release.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 12, text.utf8.allSatisfy(Hex.isLowerDigit) else { return nil }
        description = String(text)
    }

    /// Decodes a release's name.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let release = ReleaseID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' names no release")
        }
        self = release
    }

    /// Encodes the name as a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
