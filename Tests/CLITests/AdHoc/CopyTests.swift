import Foundation
import TestSupport
import Testing

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
