import Fleet
import Foundation

/// One caching proxy for Debian packages (apt-cacher-ng), shared by every lab of this machine.
///
/// It listens on loopback only; each lab's packet filter leads its hosts there. It ends with the last lab; its files
/// stay.
struct PackageCache: Sendable {
    /// Port on loopback; apt-cacher-ng 3.7 cannot bind a port above 32767.
    static let port: UInt16 = 13142

    private static let user = "apt-cacher-ng"
    private static let group = ControlGroup(name: "packages")
    private var folder: String { "\(BaseImage.store)/packages" }

    /// Starts the proxy unless it runs.
    /// - Throws: ``LabError`` when it does not start, or its port belongs to another program.
    func start() async throws(LabError) {
        if Self.group.processes().isEmpty {
            guard !(await TCPPort.isOpen("127.0.0.1", Self.port)) else {
                throw LabError(
                    .networkTaken,
                    "port \(Self.port), where the labs' package cache listens, belongs to another program",
                    hints: ["see which with: ss -ltnp 'sport = :\(Self.port)'"])
            }
            try await launch()
        }
        let deadline = ContinuousClock.now + .seconds(10)
        while !(await TCPPort.isOpen("127.0.0.1", Self.port)) {
            guard ContinuousClock.now < deadline, !Self.group.processes().isEmpty else {
                throw LabError(
                    .toolFailed, "the package cache (apt-cacher-ng) does not start",
                    hints: ["see \(folder)/log/output"])
            }
            await pause(.milliseconds(20))
        }
    }

    /// Ends the proxy.
    func stop() async throws(LabError) { try await Self.group.destroy() }

    private func launch() async throws(LabError) {
        let groups = try Self.group.make()
        let proxy = try await Tool.script(Self.findProxy, []).run().trimmingCharacters(in: .whitespacesAndNewlines)
        try await Tool.script(Self.launchScript, [folder, configuration(proxy: proxy), Self.user] + groups).run()
    }

    private func configuration(proxy: String) -> String {
        """
        CacheDir: \(folder)/cache
        LogDir: \(folder)/log
        SocketPath: \(folder)/cache/socket
        SupportDir: /usr/lib/apt-cacher-ng
        BindAddress: 127.0.0.1
        Port: \(Self.port)
        ForeGround: 1
        ExThreshold: 30
        AllowUserPorts: 0
        PassThroughPattern: .*
        \(proxy.isEmpty ? "" : "Proxy: \(proxy)")

        """
    }

    /// The proxy that this machine's own apt uses, if it uses one.
    private static let findProxy = """
        eval "$(apt-config shell proxy Acquire::http::Proxy)"
        proxy=${proxy:-${http_proxy:-}}
        [ "$proxy" = DIRECT ] || printf '%s\\n' "$proxy"
        """

    private static let launchScript = """
        folder=$1 configuration=$2 user=$3; shift 3
        install -d -m 755 "$folder" "$folder/settings"
        install -d -m 755 -o "$user" -g "$user" "$folder/cache" "$folder/log"
        printf '%s' "$configuration" > "$folder/settings/acng.conf"
        for group; do echo $$ > "$group/cgroup.procs"; done
        setsid --fork setpriv --reuid="$user" --regid="$user" --clear-groups \
            apt-cacher-ng -c "$folder/settings" </dev/null >"$folder/log/output" 2>&1
        """
}
