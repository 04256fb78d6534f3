/// What hosts are to run: a build by the SHA-256 of its file, wherever that lies, and the settings it is to have, where a service
/// has any.
public struct BuildDigest: Hashable, Sendable, Codable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits; behind them, after a `-`, the settings.
    public let description: String

    /// Checks and keeps `text`.
    /// - Throws: ``InputError`` when the text is not 64 hexadecimal digits, alone or with settings behind them.
    public init(_ text: String) throws(InputError) {
        let lower = text.lowercased()
        let file = lower.utf8.prefix(64)
        guard file.count == 64, file.allSatisfy(Hex.isLowerDigit),
            lower.utf8.count == 64 || SettingsID(suffix: lower.utf8.dropFirst(64)) != nil
        else {
            throw InputError(
                "'\(text)' is not a build's digest", hints: ["a digest has 64 hexadecimal digits: drover build list"])
        }
        description = lower
    }

    private init(_ file: Substring, _ settings: SettingsID?) { description = file + (settings?.suffix ?? "") }

    /// The settings that the build is to have; `nil` for none.
    public var settings: SettingsID? { SettingsID(suffix: description.utf8.dropFirst(64)) }

    /// The build alone, as stores and journals know its file.
    public var file: Self { settings == nil ? self : Self(description.prefix(64), nil) }

    /// The same build with `settings`.
    public func with(_ settings: SettingsID?) -> Self { Self(description.prefix(64), settings) }

    /// Decodes a digest, with the checks of ``init(_:)``.
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    /// Encodes the digest as a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// The name of the folder that holds this build unpacked, with its settings.
    public var release: ReleaseID { ReleaseID(of: self) }
}

/// A build unpacked on a host: the first 12 digits of its digest, and its settings, which name its folder there.
public struct ReleaseID: Hashable, Sendable, Codable, CustomStringConvertible {
    /// 12 lower-case hexadecimal digits; behind them, after a `-`, the settings.
    public let description: String

    /// The release that `digest` unpacks to.
    public init(of digest: BuildDigest) {
        description = digest.description.prefix(12) + (digest.settings?.suffix ?? "")
    }

    /// Reads a folder's name; `nil` when it names no release.
    public init?(_ text: some StringProtocol) {
        let build = text.utf8.prefix(12)
        guard build.count == 12, build.allSatisfy(Hex.isLowerDigit),
            text.utf8.count == 12 || SettingsID(suffix: text.utf8.dropFirst(12)) != nil
        else { return nil }
        description = String(text)
    }

    /// The settings that the release has; `nil` for none.
    public var settings: SettingsID? { SettingsID(suffix: description.utf8.dropFirst(12)) }

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
