import Fleet
import Testing
import Values

@testable import AdHoc

@Suite struct CopyPlanTests {
    private func entry(_ kind: CopyEntry.Kind, _ name: String, mode: UInt16 = 0o644) -> (CopyEntry, String) {
        (CopyEntry(kind: kind, source: "/here/\(name)", name: name, mode: mode), "/there/\(name)")
    }

    private func host(_ kind: FileKind, mode: UInt16 = 0o644, size: Int = 3, digest: String? = nil) -> HostFile {
        HostFile(kind: kind, mode: mode, owner: "www:www", ownerNumbers: "33:33", size: size, digest: digest)
    }

    private func plan(
        _ entries: [(CopyEntry, String)], _ there: [String: HostFile], _ options: CopyOptions = CopyOptions()
    ) throws -> CopyPlan {
        let digests = Dictionary(uniqueKeysWithValues: entries.map { ($0.0.source, "same") })
        return try CopyPlan(entries.map { (entry: $0.0, path: $0.1) }, there: there, digests: digests, options: options)
    }

    @Test func whatIsMissingIsMadeAndSent() throws {
        let plan = try plan(
            [entry(.folder, "d", mode: 0o750), entry(.file(size: 3), "d/f"), entry(.link(to: "f"), "d/l")], [:])
        #expect(plan.folders == ["/there/d"])
        #expect(plan.transfers == [.init(source: "/here/d/f", path: "/there/d/f", size: 3, mode: 0o644)])
        #expect(plan.links.map(\.path) == ["/there/d/l"])
        #expect(plan.modes.map(\.path) == ["/there/d"])
    }

    @Test(
        arguments: [
            ("same", 3, 0o644, 0, 0), ("other", 3, 0o644, 1, 0), ("same", 4, 0o644, 1, 0), ("same", 3, 0o600, 0, 1),
        ] as [(String, Int, UInt16, Int, Int)])
    func onlyDifferentFilesAreSent(_ digest: String, _ size: Int, _ mode: UInt16, _ sent: Int, _ modes: Int) throws {
        let own = host(.file, mode: mode, size: size, digest: digest)
        let plan = try plan([entry(.file(size: 3), "f")], ["/there/f": own])
        #expect(plan.transfers.count == sent && plan.modes.count == modes)
        #expect(plan.same == 1 - sent - modes)
    }

    @Test(arguments: [
        (CopyEntry.Kind.folder, FileKind.file), (.file(size: 3), .directory), (.link(to: "x"), .directory),
    ])
    func anotherKindIsInTheWay(_ here: CopyEntry.Kind, _ there: FileKind) {
        #expect(throws: CopyPlan.Obstacle.self) { try plan([entry(here, "x")], ["/there/x": host(there)]) }
    }

    @Test(arguments: [("www", 0), ("33:33", 0), (":www", 0), ("www:adm", 1), ("root", 1)])
    func ownersAreSetWhereTheyDiffer(_ owner: String, _ count: Int) throws {
        let own = host(.file, digest: "same")
        let plan = try plan([entry(.file(size: 3), "f")], ["/there/f": own], CopyOptions(owner: owner))
        #expect(plan.owners.count == count)
    }

    @Test func innerFoldersGetTheirModesFirst() throws {
        let plan = try plan([entry(.folder, "a", mode: 0o500), entry(.folder, "a/b", mode: 0o500)], [:])
        #expect(plan.modes.map(\.path) == ["/there/a/b", "/there/a"])
    }

    @Test func answersHoldAnyName() {
        let status = Array("81a4 root:adm 0:4 12 /a b\n c\0".utf8) + Array("41ed u:g 1:2 4096 /d\0".utf8)
        let files = HostFileQuestion.statuses(status)
        #expect(
            files["/a b\n c"] == HostFile(kind: .file, mode: 0o644, owner: "root:adm", ownerNumbers: "0:4", size: 12))
        #expect(files["/d"]?.kind == .directory)
        let digest = String(repeating: "a", count: 64)
        #expect(HostFileQuestion.digests(Array("\(digest)  /a b\n c\0".utf8)) == ["/a b\n c": digest])
    }

    @Test func smallFilesGoTogether() {
        let small = (0..<501).map { CopyPlan.Transfer(source: "s", path: "/\($0)", size: 10, mode: 0o644) }
        let large = CopyPlan.Transfer(source: "s", path: "/large", size: 1 << 20, mode: 0o644)
        let odd = CopyPlan.Transfer(source: "s", path: "/a\nb", size: 1, mode: 0o644)
        let parcels = Bundle.parcels(of: small + [large, odd])
        #expect(parcels.count == 4)
        #expect(parcels.contains(.single(large)) && parcels.contains(.single(odd)))
    }

    @Test(arguments: [
        ("~", "./"), ("~/", "./"), ("~/a/b", "./a/b"), ("-r", "./-r"), ("/etc/x", "/etc/x"), ("a~", "a~"),
        ("~www", "~www"),
    ])
    func aPlaceIsNeitherAHomeNorAFlag(_ target: String, _ path: String) { #expect(CopyFanOut.path(target) == path) }
}
