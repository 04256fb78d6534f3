import Fleet
import Foundation
import TestSupport
import Testing

@testable import Balancing

extension Trait where Self == ConditionTrait {
    /// The test runs real HAProxy processes.
    static var haproxy: Self {
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: Rig.program), "needs \(Rig.program): apt install haproxy")
    }
}

/// Two real balancers and five real servers on free ports of this machine, for the length of one test.
///
/// `ap1` to `ap3` answer with their name; `sick` answers 503 to everything, `shy` to what comes from lb1. A request with
/// a body is in progress until its body has come. `/missing` is nowhere, and `/fading` answers twice and never again.
struct Rig: Sendable {
    static let program = "/usr/sbin/haproxy"
    static let serverNames = ["ap1", "ap2", "ap3", "sick", "shy"]
    /// Where lb1's connections come from.
    private static let firstBalancer = "127.0.0.2"

    let folder: URL
    /// Where its files are as consoles know them: a name of its own, for changes to one file of one balancer take turns.
    var root: String { "/\(folder.lastPathComponent)" }
    let servers: [String: PoolMember]
    /// Of the balancers' frontends.
    let mode: PoolTraffic.Mode
    let frontends: [String: Int]

    static func run(
        mode: PoolTraffic.Mode = .http, _ body: (Rig) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let rig = try await Rig(in: folder, mode: mode)
            do {
                try await body(rig)
            } catch {
                await rig.stop()
                throw error
            }
            await rig.stop()
        }
    }

    private init(in folder: URL, mode: PoolTraffic.Mode) async throws {
        self.folder = folder
        self.mode = mode
        let ports = try FreePorts.take(Self.serverNames.count + 2)
        servers = try zip(Self.serverNames, ports).reduce(into: [:]) { servers, pair in
            servers[pair.0] = PoolMember(host: try HostName(pair.0), address: "127.0.0.1", port: pair.1)
        }
        frontends = ["lb1": ports[Self.serverNames.count], "lb2": ports[Self.serverNames.count + 1]]
        try await start("servers", serversConfiguration())
        for (name, port) in frontends {
            try FileManager.default.createDirectory(at: pools(name), withIntermediateDirectories: true)
            try "backend app\n".write(to: file(name), atomically: true, encoding: .utf8)
            try await start(name, balancerConfiguration(name, port), pools(name).path)
        }
    }

    // MARK: - What tests need

    func member(_ name: String) throws -> PoolMember { try #require(servers[name]) }

    func file(_ balancer: String) -> URL { pools(balancer).appendingPathComponent("app.cfg") }
    func pools(_ balancer: String) -> URL { folder.appendingPathComponent("\(balancer)-pools") }

    /// Where a balancer keeps the greatest token it has seen.
    func state(_ balancer: String) -> URL { folder.appendingPathComponent("\(balancer)-state") }

    /// Traffic over both balancers. As they share a machine, each sees its own files through a transport of its own.
    func traffic(
        _ members: String..., check: Pool.Check? = nil, lb1: Balancer.Reach? = nil, lb2: Balancer.Reach? = nil,
        token: Int64? = nil, returning: [HostName: String] = [:], reload: [String]? = nil
    ) throws -> HAProxyTraffic {
        try traffic(
            over: try members.map(member), check: check, lb1: lb1, lb2: lb2, token: token, returning: returning,
            reload: reload)
    }

    /// The same with members of the test's own making.
    func traffic(
        over members: [PoolMember], check: Pool.Check? = nil, lb1: Balancer.Reach? = nil, lb2: Balancer.Reach? = nil,
        token: Int64? = nil, returning: [HostName: String] = [:], reload: [String]? = nil,
        shared: PoolTraffic = PoolTraffic(), version: HAProxyVersion? = nil, adoption: Pool.Adoption? = nil
    ) throws -> HAProxyTraffic {
        var pool = Pool(
            name: "app", members: members,
            // A machine that is busy elsewhere keeps an answer back for longer than one check may take, or two.
            check: check ?? Pool.Check(interval: .milliseconds(50), rise: 2, fall: 6),
            configFile: "\(root)/pools/app.cfg", socket: "\(root)/admin.sock")
        (pool.traffic, pool.adoption) = (shared, adoption)
        var installation = HAProxyInstallation(
            program: Self.program, mainFile: "\(root)/haproxy.cfg",
            reloadCommand: reload ?? ["sh", "-c", "kill -USR2 $(cat \(root)/pid)"])
        installation.dialect = version.map { HAProxyDialect(version: $0) }
        return try HAProxyTraffic(
            pool: pool,
            balancers: [
                Balancer(try HostName("lb1"), lb1 ?? .over(try transport("lb1"))),
                Balancer(try HostName("lb2"), lb2 ?? .over(try transport("lb2"))),
            ],
            installation: installation,
            timings: HAProxyTimings(poll: .milliseconds(20), removal: .seconds(10)), privilege: .login,
            fence: token.map { BalancerFence(folder: "\(root)/state", token: $0) }, returning: returning)
    }

    func transport(_ balancer: String) throws -> any Transport {
        RelocatedTransport(
            base: LocalShellTransport(host: try HostName(balancer)),
            places: [
                ("\(root)/pools", pools(balancer).path), ("\(root)/state", state(balancer).path),
                ("\(root)/admin.sock", socket(balancer)),
                ("\(root)/haproxy.cfg", configuration(balancer)), ("\(root)/pid", pidFile(balancer)),
            ])
    }

    /// Has a server answer nothing any more: it no longer listens.
    func stopAnswering(_ server: String) async throws {
        let result = try await DroverProgram.run([
            "perl", "-MIO::Socket::UNIX", "-e",
            "my $s = IO::Socket::UNIX->new(Peer => shift) or die; print $s shift, \"\\n\"; print while <$s>;",
            socket("servers"), "shutdown frontend \(server)",
        ])
        try #require(result.status == 0, "\(result.errors)")
    }

    /// Says something at a balancer's console, as an operator does.
    @discardableResult
    func say(_ words: String, to balancer: String) async throws -> String {
        let result = try await DroverProgram.run([
            "perl", "-MIO::Socket::UNIX", "-e",
            "my $s = IO::Socket::UNIX->new(Peer => shift) or die; print $s shift, \"\\n\"; print while <$s>;",
            socket(balancer), words,
        ])
        try #require(result.status == 0, "\(result.errors)")
        return result.output
    }

    /// Stops and starts a balancer, as a reboot does.
    func restart(_ balancer: String) async throws {
        await end(balancer)
        let port = try #require(frontends[balancer])
        // Until nobody listens there; the test's time limit ends a wait in vain.
        while (try? Client(port: port)) != nil { try Task.checkCancellation() }
        try await start(balancer, nil, pools(balancer).path)
    }

    /// Ends a balancer at once, as a crash does, and starts it again when `isTime` says so.
    func crash(_ balancer: String, until isTime: @Sendable () async throws -> Void = {}) async throws {
        let pid = try String(contentsOfFile: pidFile(balancer), encoding: .utf8).filter(\.isNumber)
        _ = try await DroverProgram.run(["sh", "-c", "pkill -KILL -P \(pid); kill -KILL \(pid)"])
        let port = try #require(frontends[balancer])
        while (try? Client(port: port)) != nil { try Task.checkCancellation() }
        try await isTime()
        try await start(balancer, nil, pools(balancer).path)
    }

    /// Reloads a balancer behind Drover's back; the caller waits for what it should show.
    func reload(_ balancer: String) async throws {
        _ = try await DroverProgram.run(["sh", "-c", "kill -USR2 $(cat \(pidFile(balancer)))"])
    }

    // MARK: - Processes

    private func start(_ name: String, _ text: String?, _ more: String...) async throws {
        if let text { try text.write(toFile: configuration(name), atomically: true, encoding: .utf8) }
        let files = ([configuration(name)] + more).flatMap { ["-f", $0] }
        // In the background once its sockets are bound: what follows finds it answering.
        let result = try await DroverProgram.run(
            ["setsid", Self.program, "-W", "-D", "-p", pidFile(name)] + files)
        try #require(result.status == 0, "\(result.errors)")
    }

    private func stop() async {
        for name in ["servers"] + frontends.keys { await end(name) }
    }

    private func end(_ name: String) async {
        // One that is gone already is what is wanted.
        _ = try? await DroverProgram.run(["sh", "-c", "kill -TERM $(cat \(pidFile(name)))"])
    }

    private func configuration(_ name: String) -> String { folder.appendingPathComponent("\(name).cfg").path }
    private func pidFile(_ name: String) -> String { folder.appendingPathComponent("\(name).pid").path }
    private func socket(_ name: String) -> String { folder.appendingPathComponent("\(name).sock").path }

    private func balancerConfiguration(_ name: String, _ port: Int) -> String {
        """
        global
            stats socket \(socket(name)) mode 600 level admin
            maxconn 200
        defaults
            mode \(mode.rawValue)
            timeout connect 2s
            timeout client 60s
            timeout server 60s
            source \(name == "lb1" ? Self.firstBalancer : "127.0.0.1")
            option idle-close-on-response
        \(name == "lb2" ? "# Two may have one name.\nfrontend app" : "frontend front")
            bind 127.0.0.1:\(port)
            default_backend app

        """
    }

    private func serversConfiguration() -> String {
        let frontends = servers.sorted { $0.key < $1.key }.map { name, member in
            """
            frontend \(name)
                bind 127.0.0.1:\(member.port)
                http-request return status 503 if { fe_name sick }
                http-request return status 503 if { fe_name shy } { src \(Self.firstBalancer) }
                http-request return status 404 if { path /missing }
                http-request track-sc0 fe_name table counts if { path /fading }
                http-request return status 503 if { path /fading } { sc_http_req_cnt(0,counts) gt 2 }
                http-request wait-for-body time 60s if { req.hdr(content-length) gt 0 }
                http-request return status 200 content-type text/plain string \(name)
            """
        }
        return """
            global
                stats socket \(socket("servers")) mode 600 level admin
                maxconn 200
            defaults
                mode http
                timeout connect 2s
                timeout client 60s
                timeout server 60s

            """ + frontends.joined(separator: "\n") + """

                backend counts
                    stick-table type string len 20 size 100 expire 10m store http_req_cnt

                """
    }
}

/// A transport to a host whose paths are elsewhere on this machine.
struct RelocatedTransport: Transport {
    let base: any Transport
    let places: [(from: String, to: String)]
    var host: HostName { base.host }

    func run(_ command: RemoteCommand, outputLimit: ByteCount) async throws(TransportError) -> CommandResult {
        var moved = command
        for place in places { moved.shellLine = moved.shellLine.replacingOccurrences(of: place.from, with: place.to) }
        return try await base.run(moved, outputLimit: outputLimit)
    }

    func upload(
        _ localFile: String, to path: String, mode: UInt16, privilege: Privilege
    ) async throws(TransportError) {
        try await base.upload(localFile, to: path, mode: mode, privilege: privilege)
    }

    func close() async { await base.close() }
}
