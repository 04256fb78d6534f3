import Fleet
import Synchronization

/// The locks of balancers' files, one for each file whichever consoles change it: reading a file, changing and replacing it
/// is one step. Controllers elsewhere are found out by the file's sum instead.
enum BalancerFileLock {
    private struct File: Hashable {
        var balancer: HostName
        var path: String
    }

    // Two inventories' balancers of one name wait for one another, which does no harm.
    private static let locks = Mutex<[File: AsyncLock]>([:])

    /// The lock of the file at `path` on `balancer`.
    static func of(_ path: String, on balancer: HostName) -> AsyncLock {
        locks.withLock { locks in
            let file = File(balancer: balancer, path: path)
            let lock = locks[file] ?? AsyncLock()
            locks[file] = lock
            return lock
        }
    }
}
