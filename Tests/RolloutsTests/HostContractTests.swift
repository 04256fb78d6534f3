import Fleet
import Testing

@testable import Rollouts

/// What is made of a member's answers: each fault with what to write.
@Suite struct HostContractTests {
    private static let whole = """
        == missing
        == root
        folder
        == writable
        yes
        == options
        rw,relatime
        == space
        8000000
         500000 400000
        == unit shop.service
        LoadState=loaded
        UnitFileState=enabled
        ExecStart={ path=/srv/shop/current/bin/shop ; argv[]=/srv/shop/current/bin/shop ; ignore_errors=no }
        FragmentPath=/etc/systemd/system/shop.service
        """

    private static func findings(_ text: String) throws -> [ContractFinding] {
        let layout = ReleaseLayout(service: "shop", stage: "lab", root: "/srv/shop", units: ["shop.service"])
        return HostContract(layout: layout).findings(SectionedAnswer(text), on: try HostName("ap1"))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let from, to: String
        let subject: ContractFinding.Subject
        let state: ContractFinding.State
        let says: String
        var remedy = ""
        var testDescription: String { says }
    }

    @Test func aWholeMemberHasNoFault() throws {
        #expect(try Self.findings(Self.whole).allSatisfy { $0.state == .fine })
    }

    @Test(arguments: [
        Case(
            from: "== missing", to: "== missing\nflock\nzstd", subject: .programs, state: .faulty,
            says: "missing: flock", remedy: "apt-get"),
        Case(from: "== missing", to: "== missing\nzstd", subject: .programs, state: .fine, says: "but zstd"),
        Case(from: "== root\nfolder", to: "== root\nfile", subject: .folder, state: .faulty, says: "no folder"),
        Case(from: "== root\nfolder", to: "== root", subject: .folder, state: .fine, says: "made by the first rollout"),
        Case(from: "rw,", to: "ro,", subject: .folder, state: .faulty, says: "cannot be written", remedy: "remount"),
        Case(from: "rw,", to: "rw,noexec,", subject: .folder, state: .faulty, says: "noexec", remedy: "remount,exec"),
        Case(from: "8000000", to: "300000", subject: .room, state: .doubtful, says: "292 MiB"),
        Case(from: "8000000", to: "50000\n== release\n300", subject: .room, state: .fine, says: "48 MiB"),
        Case(from: "8000000", to: "300000\n== release\n200000", subject: .room, state: .faulty, says: "292 MiB"),
        Case(from: "8000000", to: "2000000\n== release\n1500000", subject: .room, state: .faulty, says: "1953 MiB"),
        Case(from: "8000000", to: "9\n== release\n\(Int64.max)", subject: .room, state: .faulty, says: "0 MiB"),
        Case(from: "8000000", to: "3000\n== release\n\(Int64.min)", subject: .room, state: .faulty, says: "2 MiB"),
        Case(from: "8000000", to: "3000", subject: .room, state: .faulty, says: "2 MiB"),
        Case(from: " 500000 400000", to: " 500000 4", subject: .room, state: .faulty, says: "4 inodes"),
        Case(from: " 500000 400000", to: " 0 0", subject: .room, state: .fine, says: "7 GiB"),
        Case(
            from: "LoadState=loaded", to: "LoadState=not-found", subject: .units, state: .faulty, says: "not-found",
            remedy: "ExecStart=/srv/shop/current/bin/PROGRAM"),
        Case(
            from: "/srv/shop/current/bin/shop", to: "/usr/bin/shop", subject: .units, state: .faulty,
            says: "nothing below /srv/shop/current", remedy: "write in /etc/systemd/system/shop.service"),
        Case(
            from: "=enabled", to: "=disabled", subject: .units, state: .doubtful, says: "does not start with the host",
            remedy: "systemctl enable shop.service"),
    ])
    func eachFaultSaysWhatToWrite(_ c: Case) throws {
        let text = Self.whole.replacing(c.from, with: c.to)
        try #require(text != Self.whole)
        let found = try #require(try Self.findings(text).first { $0.subject == c.subject })
        #expect(found.state == c.state && found.says.contains(c.says), "\(found)")
        if !c.remedy.isEmpty { #expect(found.remedies.contains { $0.contains(c.remedy) }, "\(found.remedies)") }
    }

    @Test func answersThatMakeNoSenseCrashNothing() throws {
        for text in ["", "== space\nx", "== space\n99999999999999999999", "== unit shop.service\n=\nx"] {
            _ = try Self.findings(text)
        }
    }
}
