import Foundation
import TestSupport
import Testing

/// Three healthy members of etcd, for the length of one suite.
struct HealthyEtcd: SuiteTrait, TestScoping {
    @TaskLocal static var current: EtcdLab?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let lab = try await EtcdLab(in: folder)
            do {
                try await lab.up()
                try await Self.$current.withValue(lab) { try await function() }
            } catch {
                try await lab.down()
                throw error
            }
            try await lab.down()
        }
    }
}

extension SuiteTrait where Self == HealthyEtcd {
    /// Runs the suite on three members of etcd of its own.
    static var healthyEtcd: Self { Self() }
}

extension EtcdLab {
    /// The members of the suite that runs.
    static var shared: EtcdLab {
        get throws { try #require(HealthyEtcd.current) }
    }

    /// Puts a value by way of one member, again and again while members elect a leader.
    fileprivate func put(_ value: String, by member: String) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let answer = try await etcdctl(member, "put /test \(value)", patience: 3)
            if answer.status == 0 || ContinuousClock.now > deadline { return _ = try answer.succeeded() }
        }
    }

    /// The value that a majority knows, asked of one member.
    fileprivate func value(from member: String) async throws -> String {
        try await etcdctl(member, "get --print-value-only /test").succeeded().output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// The role `etcd` and what its members outlive, on real hosts.
///
/// Each test leaves three healthy members without TLS.
@Suite(.labHosts, .serialized, .healthyEtcd, .timeLimit(.minutes(10)))
struct EtcdEndToEndTests {
    // MARK: the page

    /// The block of docs/lab.md, but for its end, with which the suite ends as well.
    @Test func thePageOfTheLabIsTypedAsItStands() async throws {
        let lab = try EtcdLab.shared
        let steps = try Guide("docs/lab.md").steps.map(\.command)
        #expect(steps.count == 4 && steps.last == "drover lab down -i inventory/etcd.yml")
        for step in steps.dropLast() {
            let line = step.replacing("10.91.3", with: lab.network)
            let drover = "drover() { '\(DroverProgram.binary)' \"$@\"; }\n"
            let done = try await lab.drover.runBeside(["sh", "-c", drover + line])
            #expect(done.status == 0, "\(line)\n\(done.output)\(done.errors)")
            if line.contains("endpoint status") { #expect(done.output.contains("\(lab.network).13:2379")) }
        }
    }

    // MARK: the role

    @Test func theRoleMakesOneClusterOfThreeAndHasNothingToDoAfterwards() async throws {
        let lab = try EtcdLab.shared
        let list = try await lab.etcdctl("etcd1", "member list").succeeded().output
        #expect(list.split(separator: "\n").count == 3 && !list.contains("unstarted"), "\(list)")
        for member in EtcdLab.members { #expect(list.contains(" \(member), http://\(lab.address(of: member)):2380")) }
        let plan = try await lab.drover(
            "plan", "playbooks/etcd.yml", "-i", "inventory/etcd.yml", "--detailed-exitcode")
        #expect(plan.status == 0, "\(plan.output)")
        let process = "systemctl show --property=MainPID --value etcd"
        let before = try await lab.on("etcd2", process).output
        let again = try await lab.apply()
        #expect(!again.output.contains("changed: "), "\(again.output)")
        #expect(try await lab.on("etcd2", process).output == before)
    }

    // MARK: members and hosts

    @Test func aMemberThatIsKilledComesBack() async throws {
        let lab = try EtcdLab.shared
        let process = "systemctl show --property=MainPID --value etcd"
        let before = try await lab.on("etcd1", process).output
        try await lab.kill("etcd1")
        try await lab.put("killed", by: "etcd2")
        try await lab.untilHealthy("etcd1")
        #expect(try await lab.on("etcd1", process).output != before)
        #expect(try await lab.value(from: "etcd1") == "killed")
    }

    @Test func whoIsCutOffKnowsNothingAndCatchesUp() async throws {
        let lab = try EtcdLab.shared
        try await lab.put("before", by: "etcd3")
        try await lab.cutOff("etcd3")
        try await lab.put("after", by: "etcd1")
        #expect(try await lab.value(from: "etcd2") == "after")
        #expect(try await lab.curl("etcd3", "/health").status != 0, "nothing comes through")
        #expect(
            try await lab.etcdctl("etcd3", "put /test alone", patience: 2).status != 0, "one of three is no majority")
        try await lab.reconnect("etcd3")
        try await lab.untilHealthy("etcd3")
        #expect(try await lab.value(from: "etcd3") == "after")
    }

    @Test func dataOutlivesAPowerCutOfAllAndARestartOfAll() async throws {
        let lab = try EtcdLab.shared
        try await lab.put("synced", by: "etcd1")
        try await lab.powerOff()
        try await lab.powerOn()
        for member in EtcdLab.members { try await lab.untilHealthy(member) }
        #expect(try await lab.value(from: "etcd3") == "synced")
        try await lab.restartAll()
        #expect(try await lab.value(from: "etcd1") == "synced")
        #expect(try await lab.on("etcd2", "stat -f -c %T /var/lib/etcd").output == "ext2/ext3\n")
    }

    @Test func aMemberWithAFullDiskFailsAloneAndIsMended() async throws {
        let lab = try EtcdLab.shared
        try await lab.fillDisk(of: "etcd2")
        let large = "put /large $(head -c 100000 /dev/zero | tr '\\0' x)"
        while try await lab.on("etcd2", "systemctl is-active --quiet etcd").status == 0 {
            // Where it was the leader, one of these may be lost with it.
            _ = try await lab.etcdctl("etcd1", large)
        }
        let journal = try await lab.on("etcd2", "journalctl -u etcd -n 50 -o cat").output
        #expect(journal.contains("no space left on device"), "\(journal)")
        try await lab.put("without", by: "etcd3")
        try await lab.freeDisk(of: "etcd2")
        try await lab.start(["etcd2"])
        #expect(try await lab.value(from: "etcd2") == "without")
    }

    @Test func whateverIsLeftIsMended() async throws {
        let lab = try EtcdLab.shared
        try await lab.put("kept", by: "etcd1")
        try await lab.fillDisk(of: "etcd3")
        try await lab.stop("etcd3")
        try await lab.powerOff(["etcd2"])
        try await lab.cutOff("etcd1")
        #expect(try await !lab.isHealthy("etcd1"))
        try await lab.mend()
        #expect(try await lab.value(from: "etcd3") == "kept")
    }

    // MARK: TLS

    @Test func clientsMustShowACertificateAndAnExpiredServerIsRefused() async throws {
        let lab = try EtcdLab.shared
        let certificates = try await lab.useTLS()
        try await expectRestartsOneAfterTheOther(lab)
        let (certificate, key) = try await certificates.makeClient()
        let trusting = ["--cacert", certificates.authority]
        let known = trusting + ["--cert", certificate, "--key", key]
        for member in EtcdLab.members {
            let answer = try await lab.curl(member, "/health", scheme: "https", known)
            #expect(answer.output == #"{"health":"true"}"# + "\n200", "\(answer.errors)")
        }
        // Its gateway asks etcd itself, so its own certificate is a client's too.
        let range = known + ["-d", #"{"key":"L3Rlc3Q="}"#]
        #expect(try await lab.curl("etcd1", "/v3/kv/range", scheme: "https", range).output.hasSuffix("\n200"))
        #expect(try await lab.curl("etcd1", "/health", scheme: "https", trusting).status != 0, "without certificate")
        #expect(try await !lab.isHealthy("etcd1"), "without TLS")

        try await lab.present(.expired, of: certificates)
        for member in EtcdLab.members {
            let expired = try await lab.curl(member, "/health", scheme: "https", known)
            #expect(expired.status == 60 && expired.errors.contains("certificate has expired"), "\(expired.errors)")
        }
        try await lab.present(.valid, of: certificates)
        #expect(try await lab.curl("etcd1", "/health", scheme: "https", known).status == 0)

        let (old, oldKey) = try await certificates.makeClient("former", .expired)
        let former = trusting + ["--cert", old, "--key", oldKey]
        #expect(try await lab.curl("etcd1", "/health", scheme: "https", former).status != 0)
        try await lab.mend()
    }

    /// Of a setting that has changed, the role makes three restarts that do not overlap.
    private func expectRestartsOneAfterTheOther(_ lab: EtcdLab) async throws {
        let times = "systemctl show --value -p ActiveExitTimestampMonotonic -p ActiveEnterTimestampMonotonic etcd"
        var spans: [(stopped: Int, joined: Int)] = []
        for member in EtcdLab.members {
            // All hosts run on one kernel, and so by one clock.
            let numbers = try await lab.on(member, times).output.split(separator: "\n").compactMap { Int($0) }.sorted()
            spans.append((try #require(numbers.first), try #require(numbers.last)))
        }
        spans.sort { $0.stopped < $1.stopped }
        #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.joined <= $1.stopped }, "\(spans)")
    }
}
