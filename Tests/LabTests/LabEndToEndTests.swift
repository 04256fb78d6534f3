import Fleet
import Foundation
import TestSupport
import Testing

@testable import Lab

private let thisMachineCanHaveALab = (try? LabMachine.check()) != nil

/// Real hosts, so root and the lab's programs are needed.
@Suite(
    .serialized,
    .enabled("needs root and the programs that scripts/bootstrap installs") { thisMachineCanHaveALab })
struct LabEndToEndTests {
    /// A /24 that nothing on this machine uses.
    private func freeNetwork() async throws -> String {
        let taken = try await InterfaceAddress.all()
        return try #require(
            (0...255).map { "10.210.\($0)" }.first { prefix in
                !taken.contains { $0.overlaps("\(prefix).0/24") }
            })
    }

    func withLab(_ body: (LabControl, LabPlan) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let identity = try LabIdentity(name: "test", stateFolder: folder.path)
            let network = try await freeNetwork()
            let plan = try LabPlan(hosts: [
                LabHost(
                    name: HostName("web1"), address: "\(network).11", user: "drover",
                    disks: [LabDisk(path: "/var/lib/data", size: DiskSize(bytes: 16 << 20), of: HostName("web1"))]),
                LabHost(name: HostName("web2"), address: "\(network).12", port: 2222),
            ])
            let lab = LabControl(identity)
            do {
                try await body(lab, plan)
            } catch {
                try await lab.down()
                throw error
            }
            try await lab.down()
            #expect(try await traces(of: identity).isEmpty)
        }
    }

    /// Whatever of a lab is left on this machine.
    private func traces(of identity: LabIdentity) async throws -> [String] {
        let namespaces = try await Tool("ip", "netns", "list").run()
        let tables = try await Tool("nft", "list", "tables").run()
        let commands = try await Tool("ps", "-eo", "args").run()
        let lines = [namespaces, tables, commands].flatMap { $0.split(separator: "\n").map(String.init) }
        let links = try await LabMachine.links()
        let loops = LoopDevices.names(below: identity.folder + "/").map { "\($0) of \(identity.folder)" }
        let all = lines + links + ControlGroup.names() + MountTable.current() + NspawnTraces.machines() + loops
        let folders = FileManager.default.fileExists(atPath: identity.folder) ? [identity.folder] : []
        return all.filter { $0.contains(identity.id) || $0.contains(identity.folder) } + folders
    }

    func ssh(_ lab: LabControl, _ host: HostName, _ command: String) async throws -> String {
        let words = try lab.sshWords(host) + [command]
        return try await Tool(words).run().trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test(.timeLimit(.minutes(5))) func aLabFromUpToDown() async throws {
        try await withLab { lab, plan in
            let names = plan.hosts.map(\.name)
            #expect(try await lab.up(plan).map(\.wasUp) == [false, false])
            #expect(try await lab.status().map(\.state) == [.up, .up])
            for host in names {
                #expect(try await ssh(lab, host, "hostname; cat /proc/1/comm") == "\(host)\nsystemd")
                #expect(try await ssh(lab, host, "systemctl is-system-running --wait") == "running")
                #expect(try await ssh(lab, host, "sudo -n id -u; command -v python3 || echo none") == "0\nnone")
            }
            #expect(
                try await ssh(lab, names[0], "id -un; getent hosts web2 | cut -d' ' -f1")
                    == "drover\n\(plan.hosts[1].address)")

            let leaders = try await lab.status().map(\.leader)
            #expect(try await lab.up(plan).map(\.wasUp) == [true, true])
            #expect(try await lab.status().map(\.leader) == leaders)

            try await powerCycle(lab, plan)
            try await changeOfMind(lab, plan)
        }
    }

    private func powerCycle(_ lab: LabControl, _ plan: LabPlan) async throws {
        let names = plan.hosts.map(\.name)
        _ = try await ssh(lab, names[1], "echo kept > /root/kept")
        try await lab.powerOff([names[1]])
        #expect(try await lab.status().map(\.state) == [.up, .off])
        #expect(try await lab.up(plan, booting: [names[0]]).map(\.host.name) == [names[0]])
        #expect(try await lab.status().map(\.state) == [.up, .off])
        await #expect(throws: LabError.self) { try await lab.run(["true"], on: names[1]) }
        try await lab.powerOn([names[1]])
        #expect(try await ssh(lab, names[1], "cat /root/kept") == "kept")
        try await lab.reset([names[1]])
        #expect(try await ssh(lab, names[1], "ls /root | wc -l") == "0")
    }

    /// `up` with another plan boots what is new, removes what has gone, and tells the rest of it.
    private func changeOfMind(_ lab: LabControl, _ plan: LabPlan) async throws {
        let new = try LabHost(name: HostName("web3"), address: plan.gateway.sibling(13).description)
        #expect(try await lab.up(LabPlan(hosts: [plan.hosts[0], new])).map(\.wasUp) == [true, false])
        #expect(try await lab.status().map(\.host.name.description) == ["web1", "web3"])
        #expect(try await ssh(lab, new.name, "getent hosts web1 web2 | wc -l") == "1")
        #expect(try await ssh(lab, plan.hosts[0].name, "getent hosts web3 | wc -l") == "1")
        #expect(try await lab.run(["sh", "-c", "cat >&2; exit 3"], on: new.name).status == 3)
    }

    @Test(.timeLimit(.minutes(3))) func aDiskKeepsWhatWasSyncedAndCanBeFull() async throws {
        try await withLab { lab, plan in
            let host = plan.hosts[0].name
            try await lab.up(plan)
            let write = """
                cd /var/lib/data
                printf kept | dd of=kept conv=fsync status=none
                printf lost > lost
                """
            #expect(try await lab.run(["sh", "-euc", write], on: host).succeeded)
            try await lab.powerOff([host])
            #expect(LoopDevices.names(below: lab.identity.folder + "/") == [])
            try await lab.powerOn([host])
            let read = "cat /var/lib/data/kept; cat /var/lib/data/lost 2>/dev/null; true"
            #expect(try await ssh(lab, host, read) == "kept")
            try await reboot(lab, host)

            let fill = "head -c 64M /dev/zero 2>&1 > /var/lib/data/filler; df --output=avail /var/lib/data | tail -1"
            let filled = try await ssh(lab, host, "sudo sh -c '\(fill)'")
            #expect(filled.contains("No space left on device"), "\(filled)")
            #expect(filled.split(separator: " ").last.flatMap { Int($0) }.map { $0 < 16 } == true, "KiB: \(filled)")
            #expect(try await ssh(lab, host, "head -c 64M /dev/zero | sudo tee /var/filler | wc -c") == "67108864")
            #expect(try await ssh(lab, host, "systemctl is-system-running") == "running")

            try await changeOfDisks(lab, plan)
            try await lab.reset([host])
            #expect(try await ssh(lab, host, "sudo ls /var/lib/data") == "lost+found")
        }
    }

    /// A host that goes down in good order has written everything.
    func reboot(_ lab: LabControl, _ host: HostName) async throws {
        let leader = try await lab.status().first { $0.host.name == host }?.leader
        let write = "printf written > /var/lib/data/written; systemctl reboot"
        #expect(try await lab.run(["sh", "-euc", write], on: host).succeeded)
        func isUpAgain() async throws -> Bool {
            try await lab.status().contains { $0.host.name == host && $0.state == .up && $0.leader != leader }
        }
        while try await !isUpAgain() {}
        #expect(try await lab.run(["cat", "/var/lib/data/written"], on: host).output == Array("written".utf8))
    }

    /// A disk that comes is there after another boot; one that goes, or is another, is refused.
    private func changeOfDisks(_ lab: LabControl, _ plan: LabPlan) async throws {
        let old = plan.hosts[0]
        func changed(_ disks: [LabDisk]) throws -> LabPlan {
            let host = try LabHost(name: old.name, address: old.address.description, user: old.user, disks: disks)
            return try LabPlan(hosts: [host] + plan.hosts.dropFirst())
        }
        #expect(throws: InputError.self) { try lab.review(changed([])) }
        let more = try LabDisk(path: "/srv/two-words", size: DiskSize(bytes: 8 << 20), of: old.name)
        let wider = try changed(old.disks + [more])
        try lab.review(wider)
        #expect(try await lab.up(wider).map(\.wasUp) == [false, true])
        #expect(try await ssh(lab, old.name, "cat /var/lib/data/kept; stat -f -c %T /srv/two-words") == "keptext2/ext3")
        #expect(try await lab.up(wider).map(\.wasUp) == [true, true])
    }

    @Test(.timeLimit(.minutes(2))) func hostsInstallPackagesThroughTheSharedCache() async throws {
        try await withLab { lab, plan in
            try await lab.up(plan)
            for host in plan.hosts {
                let install = "sudo apt-get install -q -y --no-install-recommends memcached >/dev/null 2>&1; echo $?"
                #expect(try await ssh(lab, host.name, install) == "0")
                #expect(try await ssh(lab, host.name, "systemctl is-active memcached") == "active")
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aLabThatNobodyRemembersGoesWithoutTrace() async throws {
        try await withLab { lab, plan in
            try await lab.up(plan)
            #expect(LoopDevices.names(below: lab.identity.folder + "/").count == 1)
            try FileManager.default.removeItem(atPath: lab.identity.recordFile)
            let keeper = ControlGroup(name: "\(lab.identity.cgroup(plan.hosts[0].address.last))/keeper")
            for process in keeper.processes() { kill(process, SIGKILL) }
            try await Tool("ip", "link", "delete", lab.identity.bridge).run()
            #expect(try await traces(of: lab.identity).isEmpty == false)
        }
    }

    @Test(.timeLimit(.minutes(2))) func anAddressIsTakenOnlyOnce() async throws {
        try await withLab { lab, plan in
            try await lab.up(plan)
            try await withTemporaryFolder { folder in
                let other = LabControl(try LabIdentity(name: "other", stateFolder: folder.path))
                let error = await #expect(throws: LabError.self) { try await other.up(plan) }
                #expect(error?.code == .networkTaken)
                #expect(error?.message.contains("drover lab test") == true)
                try await other.down()
                #expect(try await traces(of: other.identity).isEmpty)
            }
            #expect(try await lab.status().map(\.state) == [.up, .up])
        }
    }

    @Test func downOfALabThatNeverWasIsFine() async throws {
        try await withLab { _, _ in }
    }
}
