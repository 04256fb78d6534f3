import Fleet
import Foundation
import Sampling
import TestSupport
import Testing

/// A balancer and two members with agents, which the role has brought.
struct AgentLab: Sendable {
    let folder: URL
    let drover: DroverProgram
    let network: String

    static let inventory = "hosts.yml"

    /// Boots them, brings the agents, runs `body` and takes the hosts away.
    static func run(_ body: (AgentLab) async throws -> Void) async throws {
        let build = DroverProgram.repository.appendingPathComponent("scripts/agent-build").path
        try await DroverProgram.run([build, "--if-needed"]).succeeded()
        try await withTemporaryFolder { folder in
            let lab = AgentLab(
                folder: folder,
                drover: DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/.drover"]),
                network: try await ServiceLab.freeNetwork() + ".7")
            try lab.write()
            let outcome = await Result {
                try await lab.drover("lab", "up", "-i", inventory).succeeded()
                try await lab.apply()
                try await body(lab)
            }
            try await lab.drover("lab", "down", "-i", inventory).succeeded()
            try outcome.get()
        }
    }

    private func write() throws {
        let inventory = """
            all:
              vars:
                lab_folder: "{{ inventory_dir }}/.drover/labs/hosts"
                ansible_user: drover
                ansible_ssh_private_key_file: "{{ lab_folder }}/id_ed25519"
                ansible_ssh_common_args: "-o UserKnownHostsFile={{ lab_folder }}/known_hosts"
                agent_binary: \(DroverProgram.repository.path)/.build/agent/drover-agent
                agent_controllers: [\(network).1]
              children:
                lb: {hosts: {lb1: {ansible_host: \(network).11}}}
                ap: {hosts: {ap1: {ansible_host: \(network).21}, ap2: {ansible_host: \(network).22}}}

            """
        try inventory.write(to: folder.appendingPathComponent(Self.inventory), atomically: true, encoding: .utf8)
        let roles = DroverProgram.repository.appendingPathComponent("playbooks/roles").path
        let play = "- hosts: all\n  become: true\n  gather_facts: false\n  roles:\n    - agent\n"
        try play.write(to: folder.appendingPathComponent("agents.yml"), atomically: true, encoding: .utf8)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/roles", withDestinationPath: roles)
    }

    @discardableResult
    func apply() async throws -> Transcript {
        try await drover("apply", "agents.yml", "-i", Self.inventory).succeeded()
    }

    /// Runs a script of the shell as root on a host, past its sshd.
    func on(_ host: String, _ script: String) async throws -> Transcript {
        try await drover("lab", "exec", "-i", Self.inventory, host, "--", "bash", "-euc", script)
    }

    /// What the agent of a host says at `/healthz`, asked by the controller.
    func health(of number: Int) async throws -> String {
        try await DroverProgram.run(["curl", "-sS", "-m", "10", "http://\(network).\(number):9101/healthz"]).output
    }

    /// As many busy processes in the host's own groups, until ``rest(_:)``.
    func keepBusy(_ host: String, _ processes: Int) async throws {
        let start = "systemd-run -q --unit busy-$i sh -c 'while :; do :; done'"
        try await on(host, "for i in $(seq \(processes)); do \(start); done").succeeded()
    }

    /// Ends the host's busy processes.
    func rest(_ host: String) async throws { try await on(host, "systemctl stop 'busy-*'").succeeded() }

    /// A second's figures for so long, by the host's own agent.
    func sample(_ host: String, seconds: Int, source: String = "auto") async throws -> Sample {
        let answer = try await on(
            host, "drover-agent sample --source \(source) --interval \(seconds) --count 1"
        ).succeeded()
        return try #require(HistoryText.samples(in: answer.output).first, "\(answer.output)")
    }

    /// A fifth of a processor for the host, or all again.
    func limit(_ number: Int, to quota: String) async throws {
        let script = """
            for group in /sys/fs/cgroup/cpu/drover-lab/*-$1 /sys/fs/cgroup/drover-lab/*-$1; do
                [ -d "$group" ] || continue
                # The first of its processes is the one that boots it, in this machine's network.
                for pid in $(find "$group" -name cgroup.procs -exec cat {} +); do
                    nsenter -t "$pid" -n ip -4 address 2>/dev/null | grep -qF "$2.$1/" && break
                    pid=
                done
                [ -n "$pid" ] || continue
                if [ -e "$group/cpu.max" ]; then echo "$3 100000" >"$group/cpu.max"; exit; fi
                [ "$3" != max ] || { echo -1 >"$group/cpu.cfs_quota_us"; exit; }
                echo 100000 >"$group/cpu.cfs_period_us"
                echo "$3" >"$group/cpu.cfs_quota_us"
                exit
            done
            exit 1
            """
        try await DroverProgram.run(["bash", "-c", script, "limit", "\(number)", network, quota]).succeeded()
    }
}

@Suite(.labHosts, .serialized, .timeLimit(.minutes(10)))
struct AgentEndToEndTests {
    @Test func agentsTellTheirHostsOwnFigures() async throws {
        try await AgentLab.run { lab in
            try await theRoleIsDone(lab)
            try await onlyBalancersAndControllersAsk(lab)
            try await aQuotaIsTheHostsOwn(lab)
            try await aNeighbourLowersTheWeight(lab)
            try await aKilledAgentComesBackWithItsHistory(lab)
        }
    }

    private func theRoleIsDone(_ lab: AgentLab) async throws {
        let again = try await lab.apply()
        #expect(again.output.contains("3 hosts, 0 changed"), "\(again.output)")
        let score = try await lab.on("ap1", "systemd-analyze security drover-agent --no-pager | tail -n 1").succeeded()
        let number = try #require(
            score.output.firstMatch(of: #/: ([0-9.]+) /#).flatMap { Double($0.1) }, "\(score.output)")
        #expect(number <= 2.5)
        let version = try await lab.on("ap1", "drover-agent --version; ps -o user= -C drover-agent").succeeded()
        #expect(
            version.output == "drover-agent \(ProgramVersion.text)\ndrover-agent\n"
                || version.output.contains("drover-+"))
    }

    private func onlyBalancersAndControllersAsk(_ lab: AgentLab) async throws {
        let health = try await lab.health(of: 21)
        #expect(health.contains("scope cgroup\n"), "\(health)")
        let question = "exec 3<>/dev/tcp/\(lab.network).21/9102; cat <&3"
        let weight = try await lab.on("lb1", question).succeeded()
        #expect(weight.output.wholeMatch(of: #/up \d+%\n/#) != nil, "\(weight.output)")
        #expect(try await lab.on("ap2", question).status != 0)
    }

    private func aQuotaIsTheHostsOwn(_ lab: AgentLab) async throws {
        try await lab.limit(21, to: "20000")
        try await lab.keepBusy("ap1", 2)
        let own = try await lab.sample("ap1", seconds: 4)
        #expect(own.scope == .controlGroup)
        #expect(abs(try #require(own[.allowedProcessors]) - 0.2) < 0.001)
        #expect(try #require(own[.busyProcessors]) < 0.25)
        #expect(try #require(own[.idle]) < 40)
        #expect(try #require(own[.throttled]) > 50)
        #expect(own[.iowait] == nil)
        let machine = try await lab.sample("ap1", seconds: 1, source: "proc")
        #expect(machine.scope == .machine)
        #expect(try #require(machine[.allowedProcessors]) >= 1)
        try await lab.rest("ap1")
        try await lab.limit(21, to: "max")
    }

    /// Six processes beside it, on another host: what it uses falls, tasks wait, and its agent asks for less.
    private func aNeighbourLowersTheWeight(_ lab: AgentLab) async throws {
        try await lab.keepBusy("ap2", 6)
        try await lab.keepBusy("ap1", 2)
        let less = "until [ $(cat </dev/tcp/\(lab.network).21/9102 | tr -dc 0-9) -lt 90 ]; do sleep 0.5; done"
        try await lab.on("lb1", "timeout 60 bash -c '\(less)'").succeeded()
        let sample = try await lab.sample("ap1", seconds: 4)
        #expect(try #require(sample[.cpuPressure]) > 20)
        #expect(sample[.throttled] == 0)
        for host in ["ap1", "ap2"] { try await lab.rest(host) }
    }

    private func aKilledAgentComesBackWithItsHistory(_ lab: AgentLab) async throws {
        let ask = "drover-agent history | grep -c ^s"
        try await lab.on("ap1", "timeout 60 bash -c 'until [ $(\(ask)) -gt 1 ]; do sleep 0.5; done'").succeeded()
        let before = try await lab.on("ap1", ask).succeeded()
        try await lab.on("ap1", "pkill -KILL -x drover-agent").succeeded()
        let back = "until systemctl is-active -q drover-agent; do sleep 0.2; done; \(ask)"
        let after = try await lab.on("ap1", "timeout 60 bash -c '\(back)'").succeeded()
        let counts = [before, after].compactMap { Int($0.output.trimmingCharacters(in: .whitespacesAndNewlines)) }
        #expect(counts.count == 2 && counts[0] <= counts[1], "\(counts)")
    }
}
