import Glibc

/// How many files this process may have open: a connection takes one of them.
enum DescriptorLimit {
    /// The limit, raised as far as the system lets us; the usual soft one of 1,024 is far below the hard one.
    static let count: Int = {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        let most = min(limit.rlim_max, 1 << 20)
        if limit.rlim_cur < most {
            limit.rlim_cur = most
            setrlimit(resource, &limit)
        }
        return getrlimit(resource, &limit) == 0 ? Int(clamping: limit.rlim_cur) : 1024
    }()

    /// What loops, agents, reports and the program itself need.
    private static let reserve = 64

    /// How many hosts may be connected at once, each with a file on its way.
    static var connections: Int { max(1, (count - reserve) / 2) }
}
