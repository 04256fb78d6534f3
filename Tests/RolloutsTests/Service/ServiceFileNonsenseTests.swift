import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// What is well-formed in `drover.yml` and means nothing: refused where it stands, with a hint where there is a way.
@Suite struct ServiceFileNonsenseTests {
    struct Nonsense: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Replaces the line of the wholesome file that begins so.
        let line: String, by: String, says: String
        var place = "", hint = ""

        init(_ line: String, _ by: String, _ says: String, place: String = "", hint: String = "") {
            (self.line, self.by, self.says, self.place, self.hint) = (line, by, says, place, hint)
            testDescription = by
        }
    }

    private static let wholesome = """
        service: shop
        root: /srv/shop
        units: [shop.service]
        pool:
          name: shop
          balancers: lb
          members: ap
          port: 8080
          check: {path: /healthz, interval: 1s, rise: 2, fall: 3}
          config: /etc/haproxy/pools/shop.cfg
        stages:
          production:
            inventory: hosts.yml
            bake: 10m
            rollout: {canary: 1, batch: 50%, drain: 20s, health: 15s, bake: 2s, confirm: 120s, minimum: 1}
            gates:
              - command: scripts/smoke

        """

    private static let times = [
        Nonsense(
            "  check:", "  check: {interval: 0s}", "interval must be a time from 10ms to 1h, but is '0s'", place: "9:"),
        Nonsense("  check:", "  check: {interval: 0}", "interval must be a time from 10ms to 1h"),
        Nonsense("  check:", "  check: {interval: 1000h}", "interval must be a time"),
        Nonsense("  check:", "  check: {rise: 0}", "rise must be a number from 1 to 100"),
        Nonsense(
            "units:", "retention: {runs: 99}", "runs must be a number from 100 to 1000000", place: "3:19"),
        Nonsense("units:", "retention: {builds: 0}", "builds must be a number from 1 to 100000", place: "3:21"),
        Nonsense(
            "units:", "builds: https://depot/builds", "builds cannot be 'https://depot/builds'", place: "3:9",
            hint: "ssh://[user@]host[:port]/path"),
        Nonsense("units:", "builds: ssh://depot", "does not say which folder of which host", place: "3:9"),
        Nonsense("units:", "builds: {folder: x}", "builds must be text", place: "3:9"),
        Nonsense("units:", "retention: 5", "retention must be a mapping", place: "3:12"),
        Nonsense(
            "units:", "retention: {build: 5}", "unknown key 'build' in retention", place: "3:13",
            hint: "did you mean 'builds'?"),
        Nonsense(
            "    bake:", "    bake: 999999999h", "bake must be a time from 0s to 8760h, but is '999999999h'",
            place: "14:"),
        Nonsense("    bake:", "    bake: 99999999999999999999", "bake must be a time such as"),
        Nonsense("    bake:", "    bake: 9223372036854775807", "bake must be a time from 0s"),
        Nonsense("    bake:", "    bake: -5s", "bake must be a time such as"),
        Nonsense(
            "    rollout:", "    rollout: {health: 0s}", "health must be a time from 1s to 1h, but is '0s'",
            place: "15:"),
        Nonsense("    rollout:", "    rollout: {confirm: 0s}", "confirm must be a time from 1s to 24h, but is '0s'"),
        Nonsense("    rollout:", "    rollout: {drain: 48h}", "drain must be a time from 0s to 24h"),
        Nonsense("    rollout:", "    rollout: {bake: 9999h}", "bake must be a time from 0s to 168h"),
        Nonsense("    rollout:", "    rollout: {batch: 9223372036854775807}", "batch must be a number of hosts"),
        Nonsense("    rollout:", "    rollout: {batch: 0%}", "batch must be a number of hosts"),
        Nonsense("    rollout:", "    rollout: {canary: 9999999}", "canary must be a number from 0 to 10000"),
        Nonsense("      - command:", "      - {command: 'true', timeout: 0s}", "timeout must be a time from 1s to 24h"),
        Nonsense(
            "      - command:", "      - {http: {path: /}, timeout: 9h}", "timeout must be a time from 100ms to 10m"),
    ]

    private static let names = [
        Nonsense("  name:", "  name: my shop", "'my shop' cannot name a pool", place: "5:9", hint: "use letters"),
        Nonsense("service:", "service: my/shop", "'my/shop' cannot name a service", place: "1:10"),
        Nonsense("  production:", "  pro duction:", "'pro duction' cannot name a stage", place: "12:3"),
        Nonsense(
            "  production:", "  resume:", "'resume' cannot name a stage", place: "12:3", hint: "resume-stage"),
        Nonsense(
            "units:", "units: ['shop; rm -rf /']", "cannot name a unit of systemd", place: "3:9", hint: "shop.service"),
        Nonsense("units:", "units: ['$(reboot).service']", "cannot name a unit of systemd"),
        Nonsense("units:", "units: [shop]", "'shop' is no whole name of a unit", hint: "did you mean 'shop.service'?"),
        Nonsense("units:", "units: [shop@.service]", "is no whole name of a unit", hint: "shop@1.service"),
        Nonsense("units:", "units: [--now.service]", "cannot name a unit of systemd"),
        Nonsense("units:", "units: [a.service, a.service]", "the unit 'a.service' is named twice", place: "3:20"),
        Nonsense("root:", "root: /srv/../etc", "root must not have '..' in it, but is '/srv/../etc'", place: "2:7"),
        Nonsense("root:", "root: /srv//shop", "root must not have '//' in it"),
        Nonsense("root:", "root: /", "root must be an absolute path on the hosts"),
        Nonsense("root:", "root: '/srv/a b'", "root has a character"),
        Nonsense(
            "  config:", "  config: /etc/haproxy/pools/shop", "config must end in .cfg", place: "10:11",
            hint: "shop.cfg"),
        Nonsense("  config:", "  config: /etc/../shop.cfg", "config must not have '..' in it"),
        Nonsense("  check:", "  check: {path: '/a b'}", "path must be a URL's path"),
        Nonsense("  check:", "  check: {path: '/a#b'}", "path must be a URL's path"),
        Nonsense("  check:", "  check: {expect: 99}", "expect must be a status such as 200, or a range"),
        Nonsense("  check:", "  check: {expect: 399-200}", "expect must be a status such as 200, or a range"),
        Nonsense("  check:", "  check: {expect: 200-}", "expect must be a status such as 200, or a range"),
    ]

    private static let gates = [
        Nonsense("      - command:", "      - {http: {path: /}, log: {pattern: x}}", "a gate is one of", place: "17:"),
        Nonsense(
            "      - command:", "      - {htp: {path: /}}", "unknown key 'htp' in gate", place: "17:",
            hint: "did you mean 'http'?"),
        Nonsense("      - command:", "      - errors: {tolerance: 0.01}", "tolerance must be a percentage such as 5%"),
        Nonsense(
            "      - command:", "      - errors: {tolerance: 101%}", "tolerance must be a percentage", place: "17:29"),
        Nonsense(
            "      - command:", "      - errors: {on_no_data: ok}", "on_no_data is one of fail and pass, but is 'ok'"),
        Nonsense("      - command:", "      - errors: true", "errors must be a mapping", place: "17:17"),
        Nonsense("      - command:", "      - {errors: {}, timeout: 3s}", "a gate 'errors' takes no timeout"),
        Nonsense(
            "      - command:", "      - errors: {}\n      - errors: {}", "a stage compares errors once", place: "18:"),
        Nonsense("      - command:", "      - latency: {p99: 300ms}", "'p99' is about own requests: name the 'path'"),
        Nonsense("      - command:", "      - latency: {path: /, p99: 0}", "p99 must be a time from 1ms to 10m"),
        Nonsense("      - command:", "      - resources: {}", "resources has no limit", hint: "memory: 90%"),
        Nonsense("      - command:", "      - resources: {load: much}", "load must be a number from 0.1 to 1000"),
        Nonsense("      - command:", "      - units: {names: shop}", "'shop' is no whole name of a unit"),
        Nonsense("      - command:", "      - log: {at_most: 1}", "log lacks 'pattern'"),
        Nonsense(
            "      - command:", "      - log: {pattern: 'a(b'}", "pattern is no regular expression of 'grep -E'",
            place: "17:24"),
        Nonsense("      - command:", "      - http: {body: '/[/'}", "body has '/[/', which is no regular expression"),
        Nonsense("      - command:", "      - http: {header: {'a b': c}}", "cannot name a header field"),
        Nonsense("      - command:", "      - http: {method: POST}", "method is one of GET and HEAD, but is 'POST'"),
        Nonsense("      - command:", "      - http: {method: HEAD, body: ok}", "the answer to HEAD has no body"),
        Nonsense("      - command:", "      - http: {host: 'a b'}", "host must be a name such as shop.example.org"),
    ]

    private static let lacks = [
        Nonsense(
            "      - command:", "      - command: scripts/smok", "there is no command 'scripts/smok'", place: "17:18"),
        Nonsense(
            "      - command:", "      - command: scripts", "there is no command 'scripts' on this machine",
            hint: "scripts/"),
        Nonsense(
            "      - command:", "      - command: scripts/notes --all", "'scripts/notes' is not executable",
            hint: "chmod +x"),
        Nonsense("      - command:", "      - command: no-such-program", "there is no command 'no-such-program'"),
        Nonsense("      - command:", "      - command: '  '", "command must be text"),
        Nonsense(
            "      - command:", "      - {}",
            "a gate is one of http, command, errors, latency, slo, resources, units and log",
            hint: "for example"),
        Nonsense("service:", "servic: shop", "unknown key 'servic'", place: "1:1", hint: "did you mean 'service'?"),
        Nonsense("units:", "unit: [shop.service]", "unknown key 'unit'", place: "3:1", hint: "did you mean 'units'?"),
        Nonsense(
            "  check:", "  check: {pth: /}", "unknown key 'pth' in check", place: "9:11", hint: "did you mean 'path'?"),
        Nonsense("  members:", "  # members: ap", "pool lacks 'members'", hint: "members: web"),
        Nonsense(
            "    inventory:", "    # inventory", "stage production has no inventory", hint: "inventory/production.yml"),
    ]

    private static func write(_ text: String, in folder: URL) throws -> String {
        let scripts = folder.appendingPathComponent("scripts")
        try FileManager.default.createDirectory(at: scripts, withIntermediateDirectories: true)
        for (name, mode) in [("smoke", 0o755), ("notes", 0o644)] {
            let file = scripts.appendingPathComponent(name)
            try "#!/bin/sh\n".write(to: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
        }
        let file = folder.appendingPathComponent("drover.yml")
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    @Test func theFileItselfIsGood() async throws {
        try await withTemporaryFolder { folder in
            let file = try ServiceFileReader.read(Self.write(Self.wholesome, in: folder))
            #expect(file.pool.check.expect == 200...299, "a redirect does not mean healthy")
        }
    }

    @Test(arguments: times + gates + names + lacks)
    func isRefusedWhereItStands(_ nonsense: Nonsense) async throws {
        let lines = Self.wholesome.split(separator: "\n", omittingEmptySubsequences: false)
        let index = try #require(lines.firstIndex { $0.hasPrefix(nonsense.line) })
        var text = lines.map(String.init)
        text[index] = nonsense.by
        try await withTemporaryFolder { folder in
            let path = try Self.write(text.joined(separator: "\n"), in: folder)
            let error = #expect(throws: InputError.self) { try ServiceFileReader.read(path) }
            #expect(error?.message.contains(nonsense.says) == true, "\(error?.message ?? "")")
            let place = try #require(error?.location)
            #expect(place.line > 0 && place.column > 0)
            #expect("\(place.line):\(place.column)".hasPrefix(nonsense.place), "\(place)")
            #expect(error?.hints.joined(separator: "\n").contains(nonsense.hint) ?? false || nonsense.hint.isEmpty)
        }
    }

    @Test func anEmptyMappingIsCalledEmpty() async throws {
        let head = Self.wholesome.components(separatedBy: "stages:")[0]
        try await withTemporaryFolder { folder in
            let path = try Self.write(head + "stages: {}\n", in: folder)
            let error = #expect(throws: InputError.self) { try ServiceFileReader.read(path) }
            #expect(error?.message == "stages is empty")
            #expect(error?.hints.isEmpty == false)
        }
    }

    @Test(arguments: [
        "true", "[ -n \"$DROVER_HOSTS\" ]", "scripts/smoke --fast", "./scripts/smoke", "X=1 anything", "\"$HOME\"/x",
        "if true; then exit 0; fi", "curl -fsS http://x/ || exit 75", "(cd / && ls)", "sh -c 'exit 0'",
    ])
    func commandsThatOnlyTheShellCanJudgeAreLeftToIt(_ line: String) async throws {
        try await withTemporaryFolder { folder in
            _ = try Self.write(Self.wholesome, in: folder)
            let command = GateCommand(
                line: line, folder: folder.path, searchPath: ServiceFileReader.defaultSearchPath)
            #expect(command.fault == nil)
        }
    }

    @Test(arguments: [(200...200, "200"), (200...399, "200-399")])
    func whatACheckExpects(_ expected: ClosedRange<Int>, _ written: String) async throws {
        try await withTemporaryFolder { folder in
            let text = Self.wholesome.replacingOccurrences(of: "rise: 2", with: "expect: \(written), rise: 2")
            let file = try ServiceFileReader.read(Self.write(text, in: folder))
            #expect(file.pool.check.expect == expected)
        }
    }

    @Test(arguments: [(1, 2, false), (2, 2, false), (3, 2, true), (1, 0, true), (0, 0, false)])
    func moreCannotStayInServiceThanThereAre(_ minimum: Int, _ hosts: Int, _ isRefused: Bool) async throws {
        try await withTemporaryFolder { folder in
            let text = Self.wholesome.replacingOccurrences(of: "minimum: 1", with: "minimum: \(minimum)")
            let stage = try ServiceFileReader.read(Self.write(text, in: folder)).stage("production")
            guard isRefused else { return try stage.checkMinimum(hosts: hosts) }
            let error = #expect(throws: InputError.self) { try stage.checkMinimum(hosts: hosts) }
            #expect(error?.message.contains("\(minimum) of \(hosts) cannot stay in service") == true)
            #expect(error?.location?.line == 15)
        }
    }
}
