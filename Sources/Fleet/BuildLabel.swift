/// How a build is written for people, everywhere: `bookmark-1.2.3 (0e3c7bde4d6b)`, or its digits where it has no name.
public struct BuildLabel: Hashable, Sendable, CustomStringConvertible {
    /// The name, and the digits that name it for sure.
    public let description: String

    /// A build that is known.
    public init(_ build: BuildRecord) { self.init(build.digest, build.name) }

    /// A build, and its name where somebody knows it.
    public init(_ build: BuildDigest, _ name: String?) {
        let release = build.release.description
        // One whose name is its digits, as where nobody noted any, is not said twice.
        description = name.flatMap { $0 == release || $0.isEmpty ? nil : "\($0) (\(release))" } ?? release
    }
}
