import Fleet
import SSH
import Synchronization

/// How much of what is being uploaded has left, all files that are on their way together.
final class UploadTally: Sendable {
    private struct File: Hashable {
        var host: HostName
        var path: String
    }

    private struct Inside {
        var open: [File: UploadProgress] = [:]
        /// What those had that have ended since there was nothing on its way: a percentage must not fall when one ends.
        var endedSize = 0
    }

    private let inside = Mutex(Inside())
    /// What takes no time to speak of is not spoken of.
    private static let smallest = 1 << 20

    /// Takes note of how far a file is.
    func note(_ progress: UploadProgress) {
        let file = File(host: progress.host, path: progress.path)
        inside.withLock { inside in
            guard progress.isOver else { return inside.open[file] = progress }
            // One that sent nothing was refused before.
            if inside.open.removeValue(forKey: file) != nil { inside.endedSize += progress.size }
            if inside.open.isEmpty { inside.endedSize = 0 }
        }
    }

    /// What is on its way, by host.
    var open: [UploadProgress] { inside.withLock { $0.open.values.sorted { ($0.host, $0.path) < ($1.host, $1.path) } } }

    /// How much of everything has left; `nil` while nothing larger is on its way.
    func total() -> (sent: Int, size: Int)? { total(for: nil) }

    /// `12.3 MiB of 45.6 MiB sent (26%)`; `nil` while nothing larger is on its way, to `host` where one is given.
    func words(for host: HostName? = nil) -> String? {
        total(for: host).map { "\(ByteCount($0.sent)) of \(ByteCount($0.size)) sent (\($0.sent * 100 / $0.size)%)" }
    }

    private func total(for host: HostName?) -> (sent: Int, size: Int)? {
        let (sent, size) = inside.withLock { inside in
            let files = inside.open.values.filter { host == nil || $0.host == host }
            let ended = host == nil && !files.isEmpty ? inside.endedSize : 0
            return (files.reduce(ended) { $0 + $1.sent }, files.reduce(ended) { $0 + $1.size })
        }
        return size >= Self.smallest ? (sent, size) : nil
    }
}
