import Fleet
import Testing

@testable import AdHoc

@Suite struct HostFactsTests {
    private func checks(_ add: (inout HostCheckup) -> Void) throws -> HostCheck {
        var checkup = HostCheckup(host: try HostName("h"))
        add(&checkup)
        return try #require(checkup.checks.first)
    }

    @Test(
        arguments: [
            (36, 36, HostCheck.State.fine, "/ 36 % used"), (90, 91, .doubtful, "/ 90 %, /tmp 91 % used"),
            (100, 3, .faulty, "/ 100 %, /tmp 3 % used"),
        ])
    func fullDisksAreFound(_ root: Int, _ temporary: Int, _ state: HostCheck.State, _ says: String) throws {
        let mount = root == temporary ? "/" : "/tmp"
        let lines = [
            "Filesystem 1024-blocks Used Available Capacity Mounted on", "/dev/vda 10 3 7 \(root)% /",
            "tmpfs 10 3 7 \(temporary)% \(mount)",
        ]
        let check = try checks { HostFacts.addDisk(lines, to: &$0) }
        #expect(check.state == state && check.says == says)
    }

    @Test(
        arguments: [
            ("100.0\n", 99.9, 100.1, HostCheck.State.fine, "0.0 s"), ("103.5", 100, 100, .doubtful, "+3.5 s"),
            ("90", 99, 101, .doubtful, "-10.0 s"), ("103", 98, 104, .fine, "+2.0 s"), ("x", 0, 0, .unasked, "date"),
        ])
    func wrongClocksAreFound(
        _ text: String, _ before: Double, _ after: Double, _ state: HostCheck.State, _ says: String
    ) throws {
        let check = try checks { HostFacts.addClock(text, before: before, after: after, to: &$0) }
        #expect(check.state == state && check.says.hasPrefix(says), "\(check.says)")
    }

    @Test(
        arguments: [
            (["maxsessions 10", "maxstartups 10:30:100"], HostCheck.State.fine),
            (["MaxSessions 1", "maxstartups 5"], .doubtful),
            ([], .unasked),
        ])
    func limitsOfSSHDAreRead(_ lines: [String], _ state: HostCheck.State) throws {
        #expect(try checks { HostFacts.addLimits(lines, to: &$0) }.state == state)
    }

    @Test func missingProgramsAreNamed() throws {
        let sections = HostFacts.sections("== tools\ndd\nxargs\n== disk\na\n")
        #expect(sections["disk"] == ["a"])
        let check = try checks { HostFacts.addTools(sections["tools"] ?? [], to: &$0) }
        #expect(check.state == .faulty && check.says == "missing: dd, xargs")
    }
}
