/// The SHA-256 of the tar within a build's file: the same however the file is compressed.
public struct TarDigest: Hashable, Sendable, Codable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let description: String

    /// Reads 64 hexadecimal digits; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let lower = text.lowercased()
        guard lower.utf8.count == 64, lower.utf8.allSatisfy(Hex.isLowerDigit) else { return nil }
        description = lower
    }

    /// Whether the file is the tar itself.
    public func isFile(of build: BuildDigest) -> Bool { build.file.description == description }

    /// Decodes a digest, with the checks of ``init(_:)``.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let digest = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "this is no SHA-256")
        }
        self = digest
    }

    /// Encodes the digest as a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
