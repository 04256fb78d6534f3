import Fleet
import Testing

@testable import Lab

extension LabEndToEndTests {
    /// A host with everything that can be limited.
    private func limited(_ plan: LabPlan) throws -> LabPlan {
        let old = plan.hosts[0]
        let host = try LabHost(
            name: old.name, address: old.address.description, user: old.user, disks: old.disks, hasFuse: true,
            limits: LabLimits(cpus: CPUAllowance("0.2"), memory: DiskSize("128M"), io: bounds("200")))
        return try LabPlan(hosts: [host])
    }

    private func bounds(_ reads: String) throws -> DiskBounds {
        var bounds = DiskBounds()
        try bounds.set(.readIOPS, to: reads, of: "a test")
        return bounds
    }

    private func change(_ change: (inout LabLimitChange) throws -> Void) rethrows -> LabLimitChange {
        var made = LabLimitChange()
        try change(&made)
        return made
    }

    /// Numbers that `script` prints in the host, as who logs in.
    private func numbers(_ lab: LabControl, _ host: HostName, _ script: String) async throws -> [Double] {
        let words = """
            g=/sys/fs/cgroup
            first() { cat "$@" 2>/dev/null | head -1; }
            now() { cut -d" " -f1 /proc/uptime; }
            used() { cat $g/cpuacct/cpuacct.usage 2>/dev/null || sed -n "s/usage_usec \\(.*\\)/\\1000/p" $g/cpu.stat; }
            throttled() { sed -n "s/nr_throttled //p" $g/cpu/cpu.stat $g/cpu.stat 2>/dev/null; }
            \(script)
            """
        return try await ssh(lab, host, words).split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    }

    @Test(.timeLimit(.minutes(3))) func limitsHoldChangeAndLast() async throws {
        try await withLab { lab, plan in
            let plan = try limited(plan)
            let host = plan.hosts[0].name
            try lab.review(plan)
            try await lab.up(plan)
            #expect(try await lab.status().map(\.limits.text) == ["0.2 cpus, 128M, read_iops 200"])
            try await aQuotaThrottles(lab, host)
            try await whatComesPastSSHIsHeldAsWell(lab, host)
            try await aBoundHoldsOnADisk(lab, host)
            try await aProgramMayBeAFileSystem(lab, host)
            try await changesLast(lab, plan)
        }
    }

    private func aQuotaThrottles(_ lab: LabControl, _ host: HostName) async throws {
        let busy = "used; throttled; now; timeout 3 sh -c 'while :; do :; done'; used; throttled; now"
        let seen = try await numbers(lab, host, busy)
        try #require(seen.count == 6)
        let share = (seen[3] - seen[0]) / 1e9 / (seen[5] - seen[2])
        #expect(share > 0.1 && share < 0.23, "\(seen)")
        #expect(seen[4] > seen[1] + 5, "held in most tenths of a second: \(seen)")
    }

    private func whatComesPastSSHIsHeldAsWell(_ lab: LabControl, _ host: HostName) async throws {
        let before = try await numbers(lab, host, "used; now")
        _ = try await lab.run(["timeout", "3", "sh", "-c", "while :; do :; done"], on: host)
        let seen = try await before + numbers(lab, host, "used; now")
        try #require(seen.count == 4)
        let share = (seen[2] - seen[0]) / 1e9 / (seen[3] - seen[1])
        #expect(share > 0.1 && share < 0.23, "\(seen)")
    }

    private func memory(_ lab: LabControl, _ host: HostName) async throws -> [Double] {
        try await numbers(lab, host, "first $g/memory/memory.limit_in_bytes $g/memory.max")
    }

    /// Seconds that 300 reads of a page take, past the page cache.
    private func reading(_ lab: LabControl, _ host: HostName) async throws -> Double {
        let read = """
            cd /var/lib/data; [ -e pages ] || sudo dd if=/dev/zero of=pages bs=1M count=2 oflag=direct status=none
            now; sudo dd if=pages of=/dev/null bs=4k count=300 iflag=direct status=none; now
            """
        let seen = try await numbers(lab, host, read)
        try #require(seen.count == 2)
        return seen[1] - seen[0]
    }

    private func aBoundHoldsOnADisk(_ lab: LabControl, _ host: HostName) async throws {
        #expect(try await reading(lab, host) > 1.2)
        _ = try await lab.limit([host], by: change { $0.liftsIO = true })
        #expect(try await reading(lab, host) < 1.2)
    }

    private func aProgramMayBeAFileSystem(_ lab: LabControl, _ host: HostName) async throws {
        let mount = """
            sudo sh -euc 'exec 3<>/dev/fuse
            mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 drover /mnt; grep -c /mnt.fuse /proc/mounts
            umount -l /mnt'
            """
        #expect(try await ssh(lab, host, mount) == "1")
    }

    /// Over a reboot of the host, a power cut, and `lab up` with the same inventory; at once, and for good.
    private func changesLast(_ lab: LabControl, _ plan: LabPlan) async throws {
        let host = plan.hosts[0].name
        #expect(try await memory(lab, host) == [134_217_728])
        let less = change {
            $0.memory = .limited(DiskSize(bytes: 96 << 20))
            $0.cpus = .lifted
            $0.io = [(.readIOPS, "150")]
        }
        let leader = try await lab.status().map(\.leader)
        #expect(try await lab.limit([host], by: less).map(\.limitsInForce.text) == ["96M, read_iops 150"])
        #expect(try await lab.status().map(\.leader) == leader, "it went on running")
        #expect(try await memory(lab, host) == [100_663_296])
        try await reboot(lab, host)
        #expect(try await memory(lab, host) == [100_663_296])
        #expect(try await reading(lab, host) > 1.6)
        try await lab.powerOff([host])
        try await lab.powerOn([host])
        #expect(try await memory(lab, host) == [100_663_296])
        #expect(try await reading(lab, host) > 1.6)
        try await lab.up(plan)
        #expect(try await lab.status().map(\.limits.text) == ["96M, read_iops 150"])
        _ = try await lab.limit([host], by: change { $0.followsInventory = true })
        #expect(try await memory(lab, host) == [134_217_728])
    }
}
