import Fleet
import Foundation
import Testing

@testable import Lab

@Suite struct LabPlanTests {
    private func hosts(_ specifications: String) throws -> [LabHost] {
        try specifications.split(separator: " ").map { specification in
            let parts = specification.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            return try LabHost(name: HostName(parts[0]), address: parts.count > 1 ? parts[1] : nil)
        }
    }

    @Test(arguments: [
        ("", "the inventory has no host to boot"),
        ("web1", "host 'web1' has no address, and a lab boots each host on one"),
        ("web1=10.0.0", "address '10.0.0' of host 'web1' is no IPv4 address"),
        ("web1=10.0.0.256", "address '10.0.0.256' of host 'web1' is no IPv4 address"),
        ("web1=10.0.0.011", "address '10.0.0.011' of host 'web1' is no IPv4 address"),
        ("web1=web1.example", "address 'web1.example' of host 'web1' is no IPv4 address"),
        ("web1=127.0.0.5", "address 127.0.0.5 of host 'web1' is none that a host can have"),
        ("web1=239.1.2.3", "address 239.1.2.3 of host 'web1' is none that a host can have"),
        ("web1=10.0.0.0", "address 10.0.0.0 of host 'web1' is the network's own or its broadcast address"),
        ("web1=10.0.0.255", "address 10.0.0.255 of host 'web1' is the network's own or its broadcast address"),
        ("a=10.0.0.5 b=10.0.0.5", "hosts 'a' and 'b' both have address 10.0.0.5"),
        ("a=10.0.0.5 A=10.0.0.6", "two hosts are called 'A': at 10.0.0.5 and at 10.0.0.6"),
        ("a=10.0.0.5 b=10.0.1.5", "host 'b' has address 10.0.1.5, outside 10.0.0.0/24 of 'a'"),
        (
            "a=10.0.0.1 b=10.0.0.254",
            "hosts have both 10.0.0.1 and .254, and the lab's gateway needs one of them"
        ),
        ("..=10.0.0.5", "host name '..' names a folder"),
    ])
    func refuses(specifications: String, message: String) throws {
        let error = #expect(throws: InputError.self) { try LabPlan(hosts: hosts(specifications)) }
        #expect(error?.message == message)
        #expect(error?.hints.isEmpty == message.hasSuffix("can have"))
    }

    @Test(arguments: [
        ("a=10.0.0.5 b=10.0.0.254", "10.0.0.1"),
        ("a=10.0.0.5 b=10.0.0.1", "10.0.0.254"),
    ])
    func gatewayIsAFreeAddress(specifications: String, gateway: String) throws {
        #expect(try LabPlan(hosts: hosts(specifications)).gateway.description == gateway)
    }

    @Test(arguments: ["Drover", "1st", "a:b", "a b", "../x", "", String(repeating: "a", count: 33)])
    func refusesUser(user: String) throws {
        #expect(throws: InputError.self) {
            try LabHost(name: HostName("web1"), address: "10.0.0.5", user: user)
        }
    }

    @Test(arguments: ["", ".", "a/b", "-x", String(repeating: "a", count: 65)])
    func refusesLabName(name: String) {
        #expect(throws: InputError.self) { try LabIdentity(name: name, stateFolder: "/srv/state") }
    }

    @Test(arguments: ["/srv/a,b", "/srv/a:b"])
    func refusesFolderThatOverlaysCannotName(folder: String) {
        #expect(throws: InputError.self) { try LabIdentity(name: "lab", stateFolder: folder) }
    }

    @Test func devicesHaveNamesThatLinuxTakes() throws {
        let identity = try LabIdentity(name: String(repeating: "x", count: 64), stateFolder: "/srv/state")
        for name in [identity.bridge, identity.link(254)] { #expect(name.utf8.count <= 15) }
        let other = try LabIdentity(name: "lab", stateFolder: "/srv/state")
        #expect(identity.bridge != other.bridge)
    }

    @Test func anOlderRecordWithoutPortIsRead() throws {
        let text = #"{"name": "web1", "address": "10.0.0.5", "user": "drover"}"#
        let host = try JSONDecoder().decode(LabHost.self, from: Data(text.utf8))
        #expect(try host == LabHost(name: HostName("web1"), address: "10.0.0.5", user: "drover"))
        #expect(host.release == .bookworm)
    }

    @Test(arguments: [("12", LabRelease.bookworm), ("bookworm", .bookworm), ("13", .trixie), ("trixie", .trixie)])
    func releasesHaveNumbersAndNames(text: String, release: LabRelease) throws {
        #expect(try LabRelease(text, of: HostName("web1")) == release)
    }

    @Test(arguments: ["11", "sid", "", "Trixie", " 13", "013"])
    func refusesRelease(text: String) {
        let error = #expect(throws: InputError.self) { try LabRelease(text, of: HostName("web1")) }
        #expect(error?.message == "lab_release of host 'web1' is '\(text)', and a lab boots Debian 12 and 13")
        #expect(error?.hints == ["for example: lab_release: 12, or lab_release: 13"])
    }

    @Test func aRecordKeepsAnImageForEachRelease() throws {
        let hosts = [LabRelease.bookworm, .trixie].enumerated().map { index, release in
            try? LabHost(name: HostName("web\(index)"), address: "10.0.0.\(index + 5)", release: release)
        }.compactMap(\.self)
        let record = LabRecord(name: "lab", images: [.bookworm: "/a", .trixie: "/b"], hosts: hosts)
        #expect(try JSONDecoder().decode(LabRecord.self, from: JSONEncoder().encode(record)) == record)
        let older = #"{"name": "lab", "image": "/a", "hosts": []}"#
        #expect(
            try JSONDecoder().decode(LabRecord.self, from: Data(older.utf8))
                == LabRecord(name: "lab", images: [.bookworm: "/a"], hosts: []))
    }

    @Test(arguments: [
        ("10.0.0.1", 24, "10.0.0.0/24", true),
        ("10.0.1.1", 24, "10.0.0.0/24", false),
        ("10.0.200.1", 16, "10.0.0.0/24", true),
        ("10.0.0.77", 32, "10.0.0.0/24", true),
        ("172.17.0.1", 16, "10.0.0.0/24", false),
        ("192.168.5.129", 25, "192.168.5.0/24", true),
        ("10.0.0.1", 0, "192.168.5.0/24", true),
    ])
    func knowsNetworksThatOverlap(address: String, length: Int, network: String, overlaps: Bool) {
        let mine = InterfaceAddress(interface: "eth0", address: address, length: length)
        #expect(mine.overlaps(network) == overlaps)
    }
}
