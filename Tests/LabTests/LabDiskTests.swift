import Fleet
import Foundation
import TestSupport
import Testing

@testable import Lab

@Suite struct LabDiskTests {
    private static let megabyte = 1 << 20

    private func host(_ disks: (String, String)..., name: String = "db1", user: String = "drover") throws -> LabHost {
        let name = try HostName(name)
        return try LabHost(
            name: name, address: "10.0.0.\(name.description.last ?? "5")", user: user,
            disks: disks.map { try LabDisk(path: $0.0, size: #require(DiskSize($0.1)), of: name) })
    }

    // MARK: sizes

    @Test(arguments: [
        ("8388608", "8M"), ("512M", "512M"), ("1024M", "1G"), ("1536M", "1536M"), ("2G", "2G"), ("3T", "3T"),
        ("1023", "1023"), ("9K", "9K"), ("0", "0"),
    ])
    func sizesAreReadAndShown(text: String, shown: String) throws {
        let size = try #require(DiskSize(text))
        #expect(size.description == shown)
        #expect(DiskSize(shown) == size)
    }

    @Test(arguments: ["", "M", "-1M", "1.5G", "1 G", "512MB", "512m", "99999999999T", "9223372036854775808", "٣M"])
    func refusesSize(text: String) { #expect(DiskSize(text) == nil) }

    @Test(arguments: [
        (0, "0 bytes"), (1023, "1023 bytes"), (1 << 20, "1M"), (1_610_612_736, "1.5G"), (79_567_362_048, "74.1G"),
        (Int.max, "8388607.9T"),
    ])
    func sizesAreRoundedForPeople(bytes: Int, text: String) { #expect(DiskSize(bytes: bytes).rounded == text) }

    // MARK: one host's

    @Test(arguments: ["", "/", "srv", "/srv/", "//srv", "/srv/../etc", "/srv/.", "/a b", "/a:b", "/a\nb", "/a'b"])
    func refusesPath(path: String) {
        let error = #expect(throws: InputError.self) { try host((path, "16M")) }
        #expect(error?.message == "lab_disk of host 'db1' has path '\(path)', which no disk can be at")
        #expect(error?.hints.isEmpty == false)
    }

    @Test(arguments: [
        "/etc", "/etc/ssh", "/usr/local", "/proc", "/run/lock", "/var", "/var/lib", "/var/lib/dpkg", "/home",
        "/home/drover", "/root",
    ])
    func refusesToHideWhatTheHostRunsOn(path: String) {
        let error = #expect(throws: InputError.self) { try host((path, "16M")) }
        #expect(error?.message == "lab_disk of host 'db1' at \(path) would hide what the host runs on")
    }

    @Test(arguments: ["/var/lib/etcd", "/srv", "/var/log", "/home/other", "/var/lib/dpkg2", "/opt/a/b", "/tmp"])
    func takesPath(path: String) throws { #expect(try host((path, "8M")).disks.map(\.path) == [path]) }

    @Test func refusesLessThanAFileSystemNeeds() {
        let error = #expect(throws: InputError.self) { try host(("/srv", "8191K")) }
        #expect(error?.message == "lab_disk of host 'db1' at /srv has a size of 8191K, and a file system needs 8M")
    }

    @Test func twoDisksAreAtTwoPaths() throws {
        #expect(try host(("/srv", "8M"), ("/srv/deep", "16M")).disks.count == 2)
        let error = #expect(throws: InputError.self) { try host(("/srv", "8M"), ("/srv", "16M")) }
        #expect(error?.message == "host 'db1' has two lab_disks at /srv")
    }

    @Test func recordsKeepThem() throws {
        let host = try host(("/srv", "8M"), ("/var/lib/etcd", "512M"))
        #expect(try JSONDecoder().decode(LabHost.self, from: JSONEncoder().encode(host)) == host)
    }

    // MARK: a lab's

    private func refusal(
        _ hosts: [LabHost], present: [LabHost] = [], free: String = "1G", taken: Int = 0
    ) throws -> InputError? {
        let places = Dictionary(
            uniqueKeysWithValues: hosts.enumerated().map { ($1.name, SourceLocation(file: "hosts.yml", line: $0 + 1)) })
        let plan = try LabPlan(hosts: hosts, places: places)
        let room = DiskRoom(folder: "/state", free: try #require(DiskSize(free))) { _, _ in taken }
        do {
            try plan.checkDisks(present: present, room: room)
            return nil
        } catch { return error }
    }

    @Test func roomIsCountedForAllOfThem() throws {
        let hosts = [try host(("/srv", "512M")), try host(("/srv", "512M"), name: "db2")]
        #expect(try refusal(hosts) == nil)
        let error = try #require(try refusal(hosts, free: "1023M"))
        #expect(
            error.message
                == "lab_disk of host 'db2' at /srv has a size of 512M, with the disks before it 1G, "
                + "and /state has room for 1023M")
        #expect(error.location == SourceLocation(file: "hosts.yml", line: 2))
        #expect(error.hints.count == 1)
        #expect(try refusal(hosts, free: "1023M", taken: Self.megabyte) == nil)
    }

    @Test func oneThatIsLargerThanTheMachinesIsRefused() throws {
        let error = try #require(try refusal([host(("/srv", "8388607T"))]))
        #expect(
            error.message == "lab_disk of host 'db1' at /srv has a size of 8388607T, and /state has room for 1G")
        #expect(try refusal([host(("/a", "8388607T"), ("/b", "8388607T"))]) != nil)
    }

    @Test(arguments: [("16M", "gives it 16M"), (nil, "has none there")])
    func whatIsThereIsNotThrownAway(size: String?, change: String) throws {
        let before = try host(("/srv", "8M"))
        let after = try size.map { try host(("/srv", $0)) } ?? host()
        let error = try #require(try refusal([after], present: [before]))
        #expect(error.message == "host 'db1' has a disk of 8M at /srv, and lab_disk now \(change)")
        #expect(error.location == SourceLocation(file: "hosts.yml", line: 1))
        #expect(error.hints.first?.contains("lab_disk: {path: /srv, size: 8M}") == true)
    }

    @Test func oneMoreMayCome() throws {
        #expect(try refusal([host(("/srv", "8M"), ("/opt", "8M"))], present: [host(("/srv", "8M"))]) == nil)
    }

    // MARK: files

    @Test func isMadeOnceAndWhole() async throws {
        try await withTemporaryFolder { folder in
            let disk = try LabDisk(path: "/var/lib/etcd", size: DiskSize(bytes: 16 << 20), of: HostName("db1"))
            let image = DiskImage(disk: disk, folder: folder.path)
            let file = folder.appendingPathComponent("var+lib+etcd.ext4").path
            try "half made".write(toFile: file + ".new", atomically: true, encoding: .utf8)
            try await image.make()
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int == 16 << 20)
            #expect(image.taken > 0 && image.taken < 16 << 20, "it takes what is in it")
            #expect(!FileManager.default.fileExists(atPath: file + ".new"))
            let made = Tool("dumpe2fs", "-h", file)
            let first = try await made.run()
            #expect(first.contains("has_journal"))
            try await image.make()
            #expect(try await made.run() == first)
        }
    }

    @Test func wordsOfTheShellAreQuoted() throws {
        let disk = try LabDisk(path: "/srv", size: DiskSize(bytes: 16 << 20), of: HostName("db1"))
        let image = DiskImage(disk: disk, folder: "/it's here/a:b/disks")
        #expect(
            image.mountLine
                == #"mount -t ext4 -o loop '/it'\''s here/a:b/disks/srv.ext4' '/it'\''s here/a:b/disks/srv'"#)
        #expect(image.bindWord == #"'--bind=/it'\''s here/a\:b/disks/srv:/srv'"#)
    }
}
