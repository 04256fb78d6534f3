import Fleet
import Foundation
import TestSupport
import Testing

@testable import CLI

@Suite struct CopyPlanTests {
    private func entry(_ kind: CopyEntry.Kind, _ name: String, mode: UInt16 = 0o644) -> (CopyEntry, String) {
        (CopyEntry(kind: kind, source: "/here/\(name)", name: name, mode: mode), "/there/\(name)")
    }

    private func host(_ kind: HostFile.Kind, mode: UInt16 = 0o644, size: Int = 3, digest: String? = nil) -> HostFile {
        HostFile(kind: kind, mode: mode, owner: "www:www", ownerNumbers: "33:33", size: size, digest: digest)
    }

    private func plan(
        _ entries: [(CopyEntry, String)], _ there: [String: HostFile], _ wish: CopyWish = CopyWish()
    ) throws -> CopyPlan {
        let digests = Dictionary(uniqueKeysWithValues: entries.map { ($0.0.source, "same") })
        return try CopyPlan(entries.map { (entry: $0.0, path: $0.1) }, there: there, digests: digests, wish: wish)
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
        (CopyEntry.Kind.folder, HostFile.Kind.file), (.file(size: 3), .folder), (.link(to: "x"), .folder),
    ])
    func anotherKindIsInTheWay(_ here: CopyEntry.Kind, _ there: HostFile.Kind) {
        #expect(throws: CopyPlan.Obstacle.self) { try plan([entry(here, "x")], ["/there/x": host(there)]) }
    }

    @Test(arguments: [("www", 0), ("33:33", 0), (":www", 0), ("www:adm", 1), ("root", 1)])
    func ownersAreSetWhereTheyDiffer(_ owner: String, _ count: Int) throws {
        let own = host(.file, digest: "same")
        let plan = try plan([entry(.file(size: 3), "f")], ["/there/f": own], CopyWish(owner: owner))
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
        #expect(files["/d"]?.kind == .folder)
        let digest = String(repeating: "a", count: 64)
        #expect(HostFileQuestion.digests(Array("\(digest)  /a b\n c\0".utf8)) == ["/a b\n c": digest])
    }

    @Test func smallFilesGoTogether() {
        let small = (0..<501).map { CopyPlan.Transfer(source: "s", path: "/\($0)", size: 10, mode: 0o644) }
        let large = CopyPlan.Transfer(source: "s", path: "/large", size: 1 << 20, mode: 0o644)
        let odd = CopyPlan.Transfer(source: "s", path: "/a\nb", size: 1, mode: 0o644)
        let batches = Bundle.batches(of: small + [large, odd])
        #expect(batches.count == 4)
        #expect(batches.contains(.single(large)) && batches.contains(.single(odd)))
    }
}

extension ProgramTests {
    @Suite struct CopyProgramTests {
        /// A server, and a folder with a bit of everything in it.
        private func prepared(
            _ body: (_ drover: DroverProgram, _ inventory: String, _ folder: URL) async throws -> Void
        ) async throws {
            try await ThrowawaySSHD.with { server in
                let script = """
                    cd '\(server.folder.path)'; mkdir -p source/deep/er "source/odd
                    name" source/closed there; echo hello >source/hello; chmod 4711 source/hello
                    head -c 700000 /dev/urandom >source/deep/large; : >source/deep/er/empty; chmod 400 source/deep/er/empty
                    echo x >"source/odd
                    name/it's \\\\ \\"it\\""; ln -s ../nowhere source/deep/link; echo y >source/closed/in; chmod 555 source/closed
                    """
                let made = try await DroverProgram.run(["bash", "-c", script])
                #expect(made.status == 0, "\(made.errors)")
                let drover = DroverProgram(in: server.folder)
                try await body(drover, try server.inventory(hosts: 1), server.folder)
            }
        }

        private func expectSame(_ folder: URL, _ one: String, _ other: String) async throws {
            let list = "find . -printf '%P %y %m %l\\n' | sort"
            let script =
                "cd '\(folder.path)' && diff -r --no-dereference \(one) \(other) && diff <(cd \(one); \(list)) <(cd \(other); \(list))"
            let compared = try await DroverProgram.run(["bash", "-c", script])
            #expect(compared.status == 0, "\(compared.output)\(compared.errors)")
        }

        @Test func foldersArriveAsTheyAreAndOnlyOnce() async throws {
            try await prepared { drover, inventory, folder in
                let first = try await drover("cp", "-i", inventory, "all", "source", folder.path + "/there/")
                #expect(first.status == 0, "\(first.errors)")
                try await expectSame(folder, "source", "there/source")
                let second = try await drover("cp", "-i", inventory, "all", "source", folder.path + "/there")
                #expect(second.output == "h1: 11 already there\n", "\(second.output)\(second.errors)")
                let third = try await drover("cp", "-i", inventory, "all", "source/.", folder.path + "/new")
                #expect(third.status == 0, "\(third.errors)")
                try await expectSame(folder, "source", "new")
            }
        }

        @Test func aFileTakesTheNameModeAndOwnerThatAreWished() async throws {
            try await prepared { drover, inventory, folder in
                let target = folder.path + "/there/renamed"
                let done = try await drover.run(
                    ["cp", "-i", inventory, "--mode", "0640", "--owner", "nobody", "all", "source/hello", target])
                #expect(done.status == 0, "\(done.errors)")
                let status = try await DroverProgram.run(["stat", "-c", "%a %U %s", target])
                #expect(status.output == "640 nobody 6\n")
                let again = try await drover.run(
                    ["cp", "-i", inventory, "--mode", "0640", "--owner", "nobody", "all", "source/hello", target])
                #expect(again.output == "h1: 1 already there\n")
            }
        }

        @Test func whatCannotBeIsSaidAndLeavesNothing() async throws {
            try await prepared { drover, inventory, folder in
                let nowhere = try await drover("cp", "-i", inventory, "all", "source/hello", "/no/such/place")
                #expect(nowhere.status == 1 && nowhere.errors.contains("error: h1: "), "\(nowhere.errors)")
                let missing = try await drover("cp", "-i", inventory, "all", "gone", "/tmp/")
                #expect(missing.status == 64 && missing.errors.contains("gone: no such file or directory"))
                let inTheWay = try await drover("cp", "-i", inventory, "all", "source/.", folder.path + "/source/hello")
                #expect(inTheWay.status == 1)
                let left = try await DroverProgram.run(["find", folder.path, "-name", ".*[0-9A-F]-*"])
                #expect(left.output.isEmpty)
            }
        }

        @Test func manySmallFilesAreJSONToo() async throws {
            try await prepared { drover, inventory, folder in
                let made = try await DroverProgram.run(
                    ["sh", "-c", "mkdir '\(folder.path)/many'; cd '\(folder.path)/many'; seq 1200 | split -l 1 -a 3 -"])
                #expect(made.status == 0)
                let done = try await drover(
                    "cp", "-i", inventory, "--format", "json", "all", "many", folder.path + "/copy")
                #expect(done.output.contains(#""copied":1201"#), "\(done.output)\(done.errors)")
                try await expectSame(folder, "many", "copy")
            }
        }
    }
}
