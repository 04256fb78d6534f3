public import Foundation

/// A small service on real hosts of a lab of its own: balancers lb1 and lb2 before AP hosts ap1, ap2 and ap3.
///
/// Its stage is called `lab`. Everything is below ``folder``: the files are the test's to edit.
public struct FaultLab: Sendable {
    /// How a build behaves; `Ledger/service/bin/ledger` says what each means.
    public enum Behaviour: String, Sendable, CaseIterable {
        /// Every request is answered well.
        case good
        /// The health check is answered with 500.
        case unhealthy
        /// The health check is answered with a redirection.
        case redirecting
        /// Every other page is answered with 500.
        case broken
        /// One page in twenty is answered with 500, by chance.
        case failing
        /// Every page takes 300 ms.
        case slow
        /// The program ends three seconds after it has started.
        case crashing
        /// The program ends as soon as it starts.
        case stillborn
    }

    /// The folder with `drover.yml`, `inventory/` and `playbooks/`.
    public let folder: URL
    /// The program, run in that folder.
    public let drover: DroverProgram
    /// First three numbers of the hosts' addresses.
    public let network: String

    /// The AP hosts' names.
    public static let members = ["ap1", "ap2", "ap3"]
    /// The balancers' names.
    public static let balancers = ["lb1", "lb2"]
    private static let sources = DroverProgram.repository.appendingPathComponent("Tests/TestSupport/Ledger")
    private static let inventory = "inventory/lab.yml"

    /// Writes the service into `folder`, on a network that no interface of this machine has. No host is booted.
    public init(in folder: URL) async throws {
        self.folder = folder
        drover = DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/.drover"])
        network = try await ServiceLab.freeNetwork() + ".7"
        for name in ["inventory", "playbooks", "drover.yml"] {
            try FileManager.default.copyItem(
                at: Self.sources.appendingPathComponent(name), to: folder.appendingPathComponent(name))
        }
        try edit(Self.inventory) { [network] in $0.replacingOccurrences(of: "NET", with: network) }
    }

    /// Boots the hosts, provisions them and rolls build 1 out.
    public func up() async throws {
        try await drover("lab", "up", "-i", Self.inventory).succeeded()
        try await drover("apply", "lab").succeeded()
        try await drover("rollout", "lab", build("1")).succeeded()
    }

    /// Takes all hosts away.
    public func down() async throws { try await drover("lab", "down", "-i", Self.inventory).succeeded() }

    // MARK: builds and files

    /// The tarball of a build; the same words give the same bytes.
    public func build(_ version: String, _ behaviour: Behaviour = .good) async throws -> String {
        let name = "ledger-\(version)-\(behaviour.rawValue)"
        let place = folder.appendingPathComponent("builds/\(name)"), files = FileManager.default
        guard !files.fileExists(atPath: place.path + ".tar.gz") else { return place.path + ".tar.gz" }
        try files.createDirectory(at: place, withIntermediateDirectories: true)
        try files.copyItem(
            at: Self.sources.appendingPathComponent("service/bin"), to: place.appendingPathComponent("bin"))
        for (file, text) in ["VERSION": version, "behaviour": behaviour.rawValue] {
            try (text + "\n").write(to: place.appendingPathComponent(file), atomically: true, encoding: .utf8)
        }
        let pack = #"tar --sort=name --owner=0 --group=0 --mtime=@0 -C "$0" -cf - . | gzip -n >"$0.tar.gz""#
        try await DroverProgram.run(["sh", "-c", pack, place.path]).succeeded()
        return place.path + ".tar.gz"
    }

    /// Changes a file of the service, such as `drover.yml` or `inventory/lab.yml`.
    public func edit(_ file: String, _ change: (String) -> String) throws {
        let url = folder.appendingPathComponent(file)
        try change(String(contentsOf: url, encoding: .utf8)).write(to: url, atomically: true, encoding: .utf8)
    }

    /// Runs `body` with a file changed, and puts it back.
    public func withEdited<Result: Sendable>(
        _ file: String, _ change: (String) -> String, _ body: () async throws -> Result
    ) async throws -> Result {
        let url = folder.appendingPathComponent(file)
        let before = try String(contentsOf: url, encoding: .utf8)
        try edit(file, change)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        try before.write(to: url, atomically: true, encoding: .utf8)
        return try result.get()
    }

    // MARK: hosts

    /// Address of a host of the inventory.
    public func address(of host: String) -> String {
        "\(network).\((host.hasPrefix("lb") ? 10 : 20) + (Int(host.dropFirst(2)) ?? 0))"
    }

    /// Where the service answers: both balancers.
    public var urls: [String] { Self.balancers.map { "http://\(address(of: $0))/" } }

    /// Runs a shell command as root on one host, past its sshd.
    @discardableResult
    public func on(_ host: String, _ command: String) async throws -> Transcript {
        try await drover("lab", "exec", "-i", Self.inventory, host, "--", "sh", "-c", command)
    }

    /// Boots every host that is off, and waits for their SSH, and where the service is enabled for its port.
    public func powerOn() async throws {
        try await drover("lab", "up", "-i", Self.inventory).succeeded()
        for host in Self.members { try await on(host, Self.untilServing) }
    }

    /// sshd answers before the service is started. A build that cannot serve is not waited for for ever.
    private static let untilServing = """
        systemctl is-system-running --wait >/dev/null
        systemctl -q is-enabled ledger.service || exit 0
        timeout 20 bash -c 'until (exec 3<>/dev/tcp/127.0.0.1/8080) 2>/dev/null; do sleep 0.1; done'; true
        """

    /// Cuts the power of a host.
    public func powerOff(_ host: String) async throws {
        try await drover("lab", "off", "-i", Self.inventory, host).succeeded()
    }

    /// The version that each AP host's service answers with, asked of the host itself; "none" where nothing answers.
    public func runningBuilds() async throws -> [String: String] {
        var builds: [String: String] = [:]
        for host in Self.members {
            let answer = try await DroverProgram.run(["curl", "-s", "-m", "5", "http://\(address(of: host)):8080/"])
            let words = answer.output.split(separator: " ")
            builds[host] = words.count > 1 ? String(words[1]) : "none"
        }
        return builds
    }

    /// The members that a balancer sends traffic, as HAProxy itself says.
    public func serving(on balancer: String) async throws -> Set<String> {
        let ask = #"""
            perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Peer => "/run/haproxy/admin.sock") or die;
                print $s "show stat\n"; $s->shutdown(1); print while <$s>'
            """#
        let rows = try await on(balancer, ask).output.split(separator: "\n").map { $0.split(separator: ",") }
        // Empty fields of the first eighteen are none before the status of a server: it is found by its word.
        return Set(
            rows.compactMap { row in
                guard row.count > 2, row[0] == "ledger", row[1].hasPrefix("ap") else { return nil }
                return row.contains("UP") ? String(row[1]) : nil
            })
    }
}
