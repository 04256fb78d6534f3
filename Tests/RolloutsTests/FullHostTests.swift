import Fleet
import Foundation
import Rollouts
import TestSupport
import Testing

/// Hosts without room, with a damaged fence, or whose units start what a build does not hold.
@Suite struct FullHostTests {
    private static let full = "/bin/cat >/dev/null; echo 'cat: write error: No space left on device' >&2; exit 1"

    @Test func aFenceThatCannotBeWrittenStopsTheScript() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let one = try await host.build("one")
            _ = try await host.releases(token: 3, builds: [one]).deliver(one.digest, to: host.name)
            try host.replace("cat", by: "case $# in 0) \(Self.full);; *) exec /bin/cat \"$@\";; esac")
            let fault = await expectError(.command) {
                try await host.releases(token: 4, builds: [one]).activate(
                    one.digest.release, on: host.name, revertAfter: nil)
            }
            #expect(
                fault?.message == "cannot write \(host.layout.stageFolder)/fence: No space left on device")
            #expect(fault?.hints.isEmpty == false)
            #expect(host.version == nil, "nothing is switched")
            let left = try FileManager.default.contentsOfDirectory(atPath: host.layout.stateFolder).sorted()
            #expect(left == ["format", "lock", "stages"])
            let fence = try String(contentsOfFile: host.layout.stageFolder + "/fence", encoding: .utf8)
            #expect(fence == "3\n")
        }
    }

    @Test(arguments: ["", "abc\n", "12 13\n", "-1\n", "99999999999999999999\n", "3\n4\n"])
    func aDamagedFenceLetsNobodyPass(_ text: String) async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let one = try await host.build("one")
            let releases = host.releases(token: 5, builds: [one])
            _ = try await releases.deliver(one.digest, to: host.name)
            let path = host.layout.stageFolder + "/fence"
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let fault = await expectError(.command) {
                try await releases.activate(one.digest.release, on: host.name, revertAfter: nil)
            }
            #expect(fault?.message.hasPrefix("\(path) is damaged") == true, "\(fault?.message ?? "")")
            #expect(host.version == nil)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        }
    }

    struct Room: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var space = "999999999", inodes = "1000 900"
        var says: String?
    }

    @Test(arguments: [
        Room(
            testDescription: "no space", space: "  4096",
            says: "the build needs 6.0 MiB (1.0 MiB packed, 1.0 MiB unpacked, 4.0 MiB to spare), and /srv has "
                + "4.0 MiB free"),
        Room(
            testDescription: "no inodes", inodes: " 1000    70",
            says: "the build needs 72 inodes (8 files and folders, 64 to spare), and /srv has 70 free"),
        Room(testDescription: "enough"),
        Room(testDescription: "inodes made as needed", inodes: "0 0"),
        Room(testDescription: "nothing is known", space: "-", inodes: "-"),
    ])
    func aHostWithoutRoomIsRefusedBeforeTheUpload(_ room: Room) async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            var one = try await host.build("one")
            one.extent = BuildExtent(packed: 1 << 20, unpacked: 1 << 20, entries: 8)
            try host.replace(
                "df",
                by: """
                    case "$*" in
                    *iavail*) echo head; echo '\(room.inodes)';;
                    *target*) echo head; echo /srv;;
                    *) echo head; echo '\(room.space)';;
                    esac
                    """)
            let releases = host.releases(builds: [one])
            guard let says = room.says else {
                #expect(try await releases.deliver(one.digest, to: host.name).hasPrefix("uploaded"))
                return
            }
            let fault = await expectError(.command) { _ = try await releases.deliver(one.digest, to: host.name) }
            #expect(fault?.message == says)
            #expect(try host.releaseNames == [], "nothing was sent")
        }
    }

    @Test func aDiskThatFillsUpWhileUnpackingIsEmptiedAgain() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let one = try await host.build("one")
            try host.replace("tar", by: "echo 'tar: VERSION: Cannot write: No space left on device' >&2; exit 2")
            let fault = await expectError(.command) {
                _ = try await host.releases(builds: [one]).deliver(one.digest, to: host.name)
            }
            #expect(fault?.message.contains("No space left on device") == true)
            #expect(try host.releaseNames == [])
        }
    }

    struct Program: Sendable, CustomTestStringConvertible {
        let testDescription: String, starts: String
        var says: String?
    }

    @Test(arguments: [
        Program(testDescription: "missing", starts: "current/bin/shop web", says: "which is not in the build"),
        Program(testDescription: "there", starts: "current/run --now"),
        Program(testDescription: "not executable", starts: "current/VERSION", says: "which is not executable"),
        Program(testDescription: "a missing script", starts: "/bin/sh current/bin/shop", says: "not in the build"),
        Program(testDescription: "a script", starts: "/bin/sh -e current/VERSION"),
        Program(testDescription: "a command line", starts: "/bin/sh -c exec_current/bin/shop"),
        Program(testDescription: "not from the release", starts: "/usr/bin/env shop"),
    ])
    func aProgramThatAUnitStartsHasToBeInTheBuild(_ program: Program) async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let one = try await host.build("one", program: "run")
            let words = program.starts.split(separator: " ").map { word in
                word.hasPrefix("current/") ? "\(host.layout.root)/\(word)" : String(word)
            }
            try host.unitStarts(words.joined(separator: " "))
            let releases = host.releases(builds: [one])
            guard let says = program.says else {
                #expect(try await releases.deliver(one.digest, to: host.name).hasPrefix("uploaded"))
                #expect(try await releases.deliver(one.digest, to: host.name) == "already there")
                return
            }
            let fault = await expectError(.command) { _ = try await releases.deliver(one.digest, to: host.name) }
            #expect(fault?.message.hasPrefix("bookmark.service starts \(host.layout.root)/current/") == true)
            #expect(fault?.message.contains(says) == true, "\(fault?.message ?? "")")
            #expect(try host.releaseNames == [])
        }
    }

    @Test func aReleaseThatIsThereAlreadyIsLookedAtToo() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let one = try await host.build("one")
            let releases = host.releases(builds: [one])
            _ = try await releases.deliver(one.digest, to: host.name)
            try host.unitStarts("\(host.layout.root)/current/bin/shop")
            let fault = await expectError(.command) { _ = try await releases.deliver(one.digest, to: host.name) }
            #expect(fault?.message.hasSuffix("current/bin/shop, which is not in the build") == true)
        }
    }

    @Test func aProgramOneFolderTooDeepIsFound() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let one = try await host.build("one", program: "shop-1.0/bin/shop")
            try host.unitStarts("\(host.layout.root)/current/bin/shop")
            let fault = await expectError(.command) {
                _ = try await host.releases(builds: [one]).deliver(one.digest, to: host.name)
            }
            #expect(fault?.hints.first?.contains("it lies in shop-1.0/") == true)
        }
    }

    @Test func pruningLeavesWhatIsNoReleaseAlone() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder, keeps: 0)
            let (one, two) = (try await host.build("one"), try await host.build("two"))
            let releases = host.releases(builds: [one, two])
            for build in [one, two] { _ = try await releases.deliver(build.digest, to: host.name) }
            try FileManager.default.createDirectory(
                atPath: host.layout.root + "/releases/by hand", withIntermediateDirectories: true)
            try await releases.activate(two.digest.release, on: host.name, revertAfter: nil)
            try await releases.confirm(two.digest.release, on: host.name)
            #expect(try host.releaseNames == [two.digest.release.description, "by hand"].sorted())
        }
    }
}
