public import Fleet

/// Where a stage's settings come from, handed in by whoever knows the vault.
public struct SettingsSource: Sendable {
    /// Reads the settings that the service's file has for a stage.
    public let read: @Sendable (ServiceFile, _ stage: String) throws -> [Setting]
    /// A word by chance, for settings that hosts do not know yet.
    public let newSalt: @Sendable () -> Secret<String>
    /// Hears what has to be kept out of what is written.
    public let keep: @Sendable (String) -> Void

    /// Settings as `read` has them.
    public init(
        read: @escaping @Sendable (ServiceFile, _ stage: String) throws -> [Setting],
        newSalt: @escaping @Sendable () -> Secret<String>, keep: @escaping @Sendable (String) -> Void
    ) {
        (self.read, self.newSalt, self.keep) = (read, newSalt, keep)
    }

    /// No settings at all.
    public static let none = Self(read: { _, _ in [] }, newSalt: { Secret("") }, keep: { _ in })
}
