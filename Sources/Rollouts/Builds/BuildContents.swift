public import Fleet

/// What was found in a build when it was added.
public struct BuildContents: Codable, Equatable, Sendable {
    /// What it takes on a host.
    public var extent: BuildExtent
    /// The folder that everything in it lies below, where that is hardly meant.
    public var soleFolder: String?
    /// The tar within its file; `nil` in what earlier versions noted.
    public var tar: TarDigest?
    /// The length of that in bytes.
    public var tarSize: Int64?
}
