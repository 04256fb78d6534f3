import Fleet
import Synchronization

/// The settings that one command has come across, each read once.
final class SettingsBook: Sendable {
    private struct Inside {
        var files: [SettingsID: SettingsFile] = [:]
        /// What the service's file says now; `nil` until somebody asked.
        var now: SettingsFile??
    }

    private let lock = AsyncLock()
    private let inside = Mutex(Inside())

    /// What the service's file says now, as `read` has it.
    func now(_ read: @Sendable () async throws -> SettingsFile?) async throws -> SettingsFile? {
        try await lock.withLock(cancelled: CancellationError() as any Error) {
            if let known = inside.withLock({ $0.now }) { return known }
            let file = try await read()
            inside.withLock { inside in
                inside.now = .some(file)
                if let file { inside.files[file.id] = file }
            }
            return file
        }
    }

    /// These settings, as `find` has them where nobody came across them yet.
    func file(
        _ id: SettingsID, _ find: @Sendable () async throws -> SettingsFile
    ) async throws -> SettingsFile {
        try await lock.withLock(cancelled: CancellationError() as any Error) {
            if let known = inside.withLock({ $0.files[id] }) { return known }
            let file = try await find()
            inside.withLock { $0.files[id] = file }
            return file
        }
    }
}
