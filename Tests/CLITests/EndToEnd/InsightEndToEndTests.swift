import Fleet
import Foundation
import TestSupport
import Testing

/// Hosts of a lab whose figures are asked for: over SSH, from agents, and as a verdict about a stage.
@Suite(.labHosts, .serialized, .timeLimit(.minutes(10)))
struct InsightEndToEndTests {
    private struct Verdict: Decodable {
        let tier, cause: String
        let hosts: [String]
    }

    private struct Answer: Decodable {
        let cause: String
        let tier: String?
        let isShort: Bool
        let verdicts: [Verdict]
        let unasked: [Unasked]
        struct Unasked: Decodable { let host: String }
    }

    private static let service = """
        service: shop
        units: [shop.service]
        pool: {name: shop, balancers: lb, members: ap, port: 8080}
        stages: {production: {inventory: hosts.yml}}

        """

    /// A stage of three hosts.
    private func withStage(_ body: (DroverProgram, String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let network = try await ServiceLab.freeNetwork() + ".44"
            let hosts = """
                all:
                  vars:
                    ansible_ssh_private_key_file: "{{ inventory_dir }}/.drover/labs/hosts/id_ed25519"
                    ansible_ssh_common_args: "-o UserKnownHostsFile={{ inventory_dir }}/.drover/labs/hosts/known_hosts"
                  children:
                    lb: {hosts: {lb1: {ansible_host: \(network).11}}}
                    ap: {hosts: {ap1: {ansible_host: \(network).21}}}
                    db: {hosts: {db1: {ansible_host: \(network).31}}}
                """
            for (name, text) in ["drover.yml": Self.service, "hosts.yml": hosts] {
                try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
            }
            let drover = DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/.drover"])
            try await drover("lab", "up", "-i", "hosts.yml").succeeded()
            let outcome = await Result { try await body(drover, network) }
            try await drover("lab", "down", "-i", "hosts.yml").succeeded()
            try outcome.get()
        }
    }

    @Test func aStageIsReadDiagnosedAndHasAgents() async throws {
        try await withStage { drover, _ in
            try await figuresAreReadLive(drover)
            try await theTierThatIsShortIsNamed(drover)
            try await agentsComeAndGo(drover)
        }
    }

    private func figuresAreReadLive(_ drover: DroverProgram) async throws {
        let one = try await drover("sar", "ap1", "1", "2", "--stage", "production").succeeded()
        let lines = one.output.split(separator: "\n")
        #expect(
            lines.first?.wholeMatch(of: /Linux \S+ \(ap1\) \t\d{4}-\d\d-\d\d \t_\w+_\t\(\d+ CPU\)/) != nil,
            "\(one.output)")
        #expect(lines.count == 5 && lines[4].hasPrefix("Average:        all"), "\(one.output)")
        #expect(one.errors.contains("ap1: a container"), "\(one.errors)")
        // A control group knows neither %iowait nor %steal.
        #expect(lines[2].contains("         -         - "), "\(one.output)")
        let all = try await drover("sar", "all", "1", "1", "-B", "--stage", "production", "--format", "json")
            .succeeded()
        #expect(WrittenJSON.mistakes(in: all.output) == [])
        let missing = try await drover("sar", "ap1", "--stage", "production").ended(1)
        #expect(
            missing.errors.contains("hint: an agent keeps a week of it: drover agent install ap1 --stage production"))
        let top = try await drover("top", "production", "--count", "1", "--interval", "1", "--format", "json")
            .succeeded()
        #expect(WrittenJSON.mistakes(in: top.output) == [] && top.output.contains(#""host":"db1""#), "\(top.output)")
    }

    /// The database may use a fifth of a processor, and has two to use.
    private func theTierThatIsShortIsNamed(_ drover: DroverProgram) async throws {
        let hog = "systemd-run --quiet --unit=hog -p CPUQuota=400% sh -c '(while :; do :; done) & while :; do :; done'"
        try await drover("lab", "exec", "-i", "hosts.yml", "db1", "--", "sh", "-c", hog).succeeded()
        try await limit("db1", drover)
        let short = try await drover(
            "diagnose", "production", "--for", "12s", "--detailed-exitcode", "--format", "json"
        ).ended(2)
        #expect(WrittenJSON.mistakes(in: short.output) == [])
        let answer = try JSONDecoder().decode(Answer.self, from: Data(short.output.utf8))
        #expect(
            answer.tier == "db" && answer.cause == "cpu" && answer.isShort && answer.unasked.isEmpty, "\(short.output)")
        #expect(answer.verdicts.map(\.tier) == ["lb", "ap", "db"])
        #expect(answer.verdicts.filter { $0.cause == "cpu" }.map(\.tier) == ["db"], "\(short.output)")
        try await drover("lab", "exec", "-i", "hosts.yml", "db1", "--", "systemctl", "stop", "hog").succeeded()
    }

    /// Gives a host a fifth of a processor, by its control group on this machine.
    private func limit(_ host: String, _ drover: DroverProgram) async throws {
        let leader = try await drover("lab", "status", "-i", "hosts.yml", "--format", "json").succeeded().output
        struct Status: Decodable {
            struct Host: Decodable { let name: String }
            let host: Host
            let leader: Int?
        }
        let hosts = try JSONDecoder().decode([Status].self, from: Data(leader.utf8))
        let process = try #require(hosts.first { $0.host.name == host }?.leader)
        let script = """
            group=$(sed -n 's/^[0-9]*:\\(cpu\\|cpu,cpuacct\\|cpuacct,cpu\\):\\(.*drover-lab\\/[^/]*\\).*/\\2/p' /proc/\(process)/cgroup)
            if [ -n "$group" ]; then
            echo 100000 >/sys/fs/cgroup/cpu$group/cpu.cfs_period_us && echo 20000 >/sys/fs/cgroup/cpu$group/cpu.cfs_quota_us
            else
            group=$(sed -n 's/^0::\\(.*drover-lab\\/[^/]*\\).*/\\1/p' /proc/\(process)/cgroup)
            echo "20000 100000" >/sys/fs/cgroup$group/cpu.max
            fi
            """
        try await DroverProgram.run(["sh", "-c", script]).succeeded()
    }

    private func agentsComeAndGo(_ drover: DroverProgram) async throws {
        let binary = DroverProgram.repository.appending(path: ".build/agent/drover-agent").path
        try #require(FileManager.default.fileExists(atPath: binary), "make agent builds it")
        let none = try await drover("agent", "status", "production").ended(1)
        #expect(none.errors.contains("drover agent install lb1,ap1,db1 --stage production"), "\(none.errors)")
        let installed = try await drover("agent", "install", "production", "--binary", binary).succeeded()
        #expect(installed.output.contains("ap1  installed 0.1.0"), "\(installed.output)")
        let again = try await drover("agent", "install", "production", "--binary", binary, "--format", "json")
            .succeeded()
        #expect(again.output.matches(of: /"outcome" : "unchanged"/).count == 3, "\(again.output)")
        let status = try await drover("agent", "status", "production", "--format", "json").succeeded()
        #expect(WrittenJSON.mistakes(in: status.output + again.output) == [])
        #expect(status.output.matches(of: /"isHealthy" : true/).count == 3, "\(status.output)")
        let kept = try await drover("sar", "ap1", "--stage", "production", "--from", "1m", "-q")
        #expect(
            kept.status == 0 && kept.output.contains("plist-sz") || kept.errors.contains("kept nothing"),
            "\(kept.errors)")
        try await drover("agent", "remove", "all", "--stage", "production").succeeded()
        let look =
            "ls -d /usr/local/bin/drover-agent /etc/drover-agent* /var/lib/drover-agent /etc/systemd/system/drover* ; id drover-agent"
        let left = try await drover("lab", "exec", "-i", "hosts.yml", "ap1", "--", "sh", "-c", look)
        #expect(left.output == "", "nothing is left: \(left.output)")
        let gone = try await drover("agent", "remove", "ap1", "--stage", "production").succeeded()
        #expect(gone.output.contains("had none"), "\(gone.output)")
    }
}
