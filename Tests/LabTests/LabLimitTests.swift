import Fleet
import Foundation
import Testing

@testable import Lab

@Suite struct LabLimitTests {
    private func limits(_ cpus: String? = nil, _ memory: String? = nil, _ io: String...) throws -> LabLimits {
        var bounds = DiskBounds()
        for word in io {
            let parts = word.split(separator: "=").map(String.init)
            try bounds.set(DiskBounds.bound(parts[0], of: "a test"), to: parts[1], of: "a test")
        }
        return LabLimits(cpus: cpus.flatMap { CPUAllowance($0) }, memory: memory.flatMap { DiskSize($0) }, io: bounds)
    }

    private func host(_ limits: LabLimits, disks: Int = 1, fuse: Bool = false, name: String = "db1") throws -> LabHost {
        let name = try HostName(name)
        let disk = try LabDisk(path: "/srv", size: DiskSize(bytes: 8 << 20), of: name)
        return try LabHost(
            name: name, address: "10.0.0.5", disks: Array(repeating: disk, count: disks), hasFuse: fuse, limits: limits)
    }

    // MARK: words

    @Test(arguments: [
        ("0.2", 200, "0.2"), ("2", 2000, "2"), ("0.125", 125, "0.125"), ("1.50", 1500, "1.5"), ("0.01", 10, "0.01"),
        ("1024", 1_024_000, "1024"), ("0.050", 50, "0.05"),
    ])
    func processorsAreReadAndShown(text: String, thousandths: Int, shown: String) throws {
        let allowance = try #require(CPUAllowance(text))
        #expect(allowance.thousandths == thousandths)
        #expect(allowance.description == shown)
        #expect(try JSONDecoder().decode(CPUAllowance.self, from: JSONEncoder().encode(allowance)) == allowance)
    }

    @Test(arguments: ["", "0", "0.009", "-1", "1025", ".5", "1.", "0.1234", "1e3", "nan", "99999999999999999999", "٢"])
    func refusesProcessors(text: String) { #expect(CPUAllowance(text) == nil) }

    @Test(arguments: [
        ("read_iops", "0"), ("read_iops", "-5"), ("read_iops", "10M"), ("write_iops", ""), ("read_bps", "1K"),
        ("write_bps", "fast"), ("read_iops", "9223372036854775808"),
    ])
    func refusesBound(name: String, text: String) {
        let error = #expect(throws: InputError.self) { try limits(nil, nil, "\(name)=\(text.isEmpty ? " " : text)") }
        #expect(error?.message.contains("a test has \(name) '") == true)
        #expect(error?.hints.count == 1)
    }

    @Test func namesOfBoundsAreHelpedWith() {
        let error = #expect(throws: InputError.self) { try limits(nil, nil, "read_iop=5") }
        #expect(error?.message == "a test has 'read_iop', and takes read_iops, write_iops, read_bps and write_bps")
        #expect(error?.hints == ["did you mean 'read_iops'?"])
    }

    @Test func shownToPeople() throws {
        #expect(
            try limits("0.2", "256M", "write_bps=10M", "read_iops=200").text
                == "0.2 cpus, 256M, read_iops 200, write_bps 10M")
        #expect(LabLimits().text == "")
    }

    // MARK: what a host can have

    @Test func aHostNeedsMemoryToComeUpAndADiskToBeBounded() throws {
        let little = #expect(throws: InputError.self) { try host(limits(nil, "47M")) }
        #expect(little?.message == "lab_memory of host 'db1' is 47M, and a host needs 48M to come up")
        let bare = #expect(throws: InputError.self) { try host(limits(nil, nil, "read_iops=5"), disks: 0) }
        #expect(bare?.message == "lab_io of host 'db1' bounds the host's own disks, and it has none")
        #expect(bare?.hints == ["give it one: lab_disk: {path: /var/lib/etcd, size: 512M}"])
    }

    @Test func whatTheMachineLacksIsRefusedInItsPlace() throws {
        let place = SourceLocation(file: "hosts.yml", line: 3)
        func refusal(_ host: LabHost, hasFuse: Bool = true, missing: [LimitFile.Controller] = []) throws -> InputError?
        {
            do {
                try LabPlan(hosts: [host], places: [host.name: place]).checkMachine(hasFuse: hasFuse) { _ in missing }
                return nil
            } catch { return error }
        }
        #expect(try refusal(host(limits("1"), fuse: true)) == nil)
        let fuse = try refusal(host(limits(), fuse: true), hasFuse: false)
        #expect(fuse?.message == "host 'db1' asks for /dev/fuse, and this machine has none")
        #expect(fuse?.location == place)
        let cpu = try refusal(host(limits("1")), missing: [.cpu])
        #expect(cpu?.message.hasPrefix("lab_cpus of host 'db1' cannot be held") == true)
        #expect(cpu?.location == place)
    }

    // MARK: the kernel's files

    private func lines(_ limits: LabLimits, _ devices: [String], unified: Bool, slack: Double = 0) -> [String] {
        LimitFile.all(limits, devices: devices, isUnified: unified, slack: slack).map {
            "\($0.name) = \($0.value)\($0.isLimiting ? "" : " (lifts)")"
        }
    }

    @Test func filesOfTheFirstControlGroups() throws {
        #expect(
            try lines(limits("0.2", "256M", "read_iops=200", "write_bps=10M"), ["7:0"], unified: false) == [
                "cpu.cfs_period_us = 100000", "cpu.cfs_quota_us = 20000", "memory.limit_in_bytes = 268435456",
                "blkio.throttle.read_iops_device = 7:0 200", "blkio.throttle.write_iops_device = 7:0 0 (lifts)",
                "blkio.throttle.read_bps_device = 7:0 0 (lifts)", "blkio.throttle.write_bps_device = 7:0 10485760",
            ])
        #expect(
            lines(LabLimits(), [], unified: false) == [
                "cpu.cfs_period_us = 100000 (lifts)", "cpu.cfs_quota_us = -1 (lifts)",
                "memory.limit_in_bytes = -1 (lifts)",
            ])
    }

    @Test func filesOfTheSecondControlGroups() throws {
        #expect(
            try lines(limits("1.5", "1G", "read_iops=200", "write_bps=10M"), ["7:0", "7:3"], unified: true) == [
                "cpu.max = 150000 100000", "memory.max = 1073741824",
                "io.max = 7:0 riops=200 wiops=max rbps=max wbps=10485760",
                "io.max = 7:3 riops=200 wiops=max rbps=max wbps=10485760",
            ])
        #expect(
            lines(LabLimits(), ["7:0"], unified: true) == [
                "cpu.max = max 100000 (lifts)", "memory.max = max (lifts)",
                "io.max = 7:0 riops=max wiops=max rbps=max wbps=max (lifts)",
            ])
        #expect(try lines(limits("0.2"), [], unified: true, slack: 0.05)[0] == "cpu.max = 21000 100000")
    }

    // MARK: changes by hand

    private func change(_ change: (inout LabLimitChange) -> Void) -> LabLimitChange {
        var made = LabLimitChange()
        change(&made)
        return made
    }

    @Test func whatIsNotNamedStays() throws {
        let host = try host(limits("0.2", "256M", "read_iops=200"))
        let slower = try host.limited(by: change { $0.io = [(.readIOPS, "100"), (.writeBytes, "1M")] })
        #expect(slower.limitsInForce == (try limits("0.2", "256M", "read_iops=100", "write_bps=1M")))
        #expect(slower.limits == host.limits)
        let free = try slower.limited(
            by: change {
                $0.cpus = .lifted
                $0.memory = .limited(DiskSize(bytes: 64 << 20))
                $0.liftsIO = true
                $0.io = [(.readBytes, "5M")]
            })
        #expect(free.limitsInForce == (try limits(nil, "64M", "read_bps=5M")))
        #expect(try free.limited(by: change { $0.io = [(.readBytes, "none")] }).limitsInForce == limits(nil, "64M"))
        #expect(try free.limited(by: change { $0.followsInventory = true }).limitsByHand == nil)
        #expect(throws: InputError.self) { try host.limited(by: change { $0.memory = .limited(DiskSize(bytes: 1)) }) }
    }

    @Test func aChangeLastsUntilTheInventorySaysSomethingElse() throws {
        let changed = try host(limits("1")).limited(by: change { $0.cpus = .limited(CPUAllowance(thousandths: 200)) })
        #expect(try JSONDecoder().decode(LabHost.self, from: JSONEncoder().encode(changed)) == changed)
        let same = try LabPlan(hosts: [host(limits("1"))]).keepingLimits(of: [changed])
        #expect(same.hosts[0].limitsInForce == (try limits("0.2")))
        let other = try LabPlan(hosts: [host(limits("2"))]).keepingLimits(of: [changed])
        #expect(other.hosts[0].limitsInForce == (try limits("2")))
    }

    @Test func limitsBootNothingAnewAndFuseDoes() throws {
        let host = try host(limits())
        #expect(try host.isSameMachine(as: self.host(limits("0.2", "64M"))))
        #expect(try !host.isSameMachine(as: self.host(limits(), fuse: true)))
    }

    @Test func recordsOfEarlierVersionsHaveNone() throws {
        let text = #"{"address":"10.0.0.5","disks":[],"name":"db1","port":22,"release":"12","user":"root"}"#
        let host = try JSONDecoder().decode(LabHost.self, from: Data(text.utf8))
        #expect(host.limitsInForce.isEmpty && !host.hasFuse)
    }
}
