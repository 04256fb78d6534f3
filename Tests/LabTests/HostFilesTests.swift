import Fleet
import Testing

@testable import Lab

@Suite struct HostFilesTests {
    private func files(_ name: String = "web1") throws -> HostFiles {
        let hosts = try ["web1", name].enumerated().filter { $0.offset == 0 || name != "web1" }.map { index, name in
            try LabHost(name: HostName(name), address: "10.0.0.\(11 + index)", user: "drover")
        }
        return HostFiles(
            identity: try LabIdentity(name: "lab", stateFolder: "/srv/state"), plan: try LabPlan(hosts: hosts),
            host: hosts[hosts.count - 1], publicKey: "ssh-ed25519 AAAA", nameServers: ["10.9.9.9"])
    }

    @Test(arguments: [
        ("", "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"),
        ("127.0.0.1 localhost\n", "127.0.0.1 localhost\n"),
        ("127.0.0.1 localhost\n10.1.1.1 mine\n\n", "127.0.0.1 localhost\n10.1.1.1 mine\n"),
        (
            "127.0.0.1 localhost\n# drover lab: the lab's hosts\n10.0.0.99 gone\n# drover lab: end\n10.1.1.1 after\n",
            "127.0.0.1 localhost\n10.1.1.1 after\n"
        ),
    ])
    func hostTableKeepsWhatIsNotTheLabs(old: String, kept: String) throws {
        let block = "# drover lab: the lab's hosts\n10.0.0.11 web1\n# drover lab: end\n"
        let table = try files().hostTable(old)
        #expect(table == kept + block)
        #expect(try files().hostTable(table) == table)
    }

    @Test(arguments: [
        ("nameserver 10.0.0.2\nsearch lan\nnameserver 10.0.0.3\n", ["10.0.0.2", "10.0.0.3"]),
        ("nameserver 127.0.0.53\noptions edns0\n", []),
        ("# nameserver 10.0.0.2\nnameserver ::1\nnameserver\tfd00::53\n", ["fd00::53"]),
        ("", []),
    ])
    func nameServersThatHostsCanReach(text: String, servers: [String]) {
        #expect(HostFiles.nameServers(in: text) == servers)
    }

    @Test(arguments: [("web1", "web1"), ("web_1", "web-1"), ("web1.example", "web1.example"), ("a:b", "a-b")])
    func hostname(name: String, hostname: String) throws {
        #expect(try files(name).hostname == hostname)
    }

    @Test func machineIDsDiffer() throws {
        let ids = try [files("web1").machineID, files("web2").machineID]
        #expect(Set(ids).count == 2)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{32}/) != nil })
    }

    @Test func aUserGetsTheNextFreeNumberOnce() {
        var accounts = Accounts(
            passwd: "root:x:0:0:root:/root:/bin/bash\nother:x:1000:1000::/home/other:/bin/sh",
            shadow: "root:*:1::::::\n", group: "root:x:0:\nother:x:1000:\nstaff:x:1001:\n")
        accounts.add("drover")
        #expect(accounts.account(of: "drover") == .init(user: 1002, group: 1002, home: "/home/drover"))
        #expect(accounts.passwd.hasSuffix("/home/other:/bin/sh\ndrover:x:1002:1002::/home/drover:/bin/sh\n"))
        #expect(accounts.shadow.hasSuffix("drover:*:19000:0:99999:7:::\n"))
        let once = accounts
        accounts.add("drover")
        accounts.add("root")
        #expect(accounts == once)
    }

    @Test(arguments: [
        (UInt16(22), "10.0.0.11,web1 ssh-ed25519 KEY\n"),
        (UInt16(2222), "[10.0.0.11]:2222,[web1]:2222 ssh-ed25519 KEY\n"),
    ])
    func knownHostsNameAddressAndHost(port: UInt16, line: String) throws {
        let host = try LabHost(name: HostName("web1"), address: "10.0.0.11", port: port)
        let key = KeyPair(secret: Secret("secret"), shown: "ssh-ed25519 KEY web1\n")
        #expect(LabKeys.knownHosts([(host, key)]) == line)
    }

    @Test(arguments: [
        ("/srv/plain", "/srv/plain"), (#"/srv/two\040words"#, "/srv/two words"),
        (#"/srv/back\134slash"#, #"/srv/back\slash"#),
    ])
    func mountPointsAreDecoded(field: String, path: String) {
        #expect(MountTable.decoded(Substring(field)) == path)
    }

    @Test func packageSourcesAreDebiansOwn() {
        let targets = """
            http://mirror.test/debian/ bookworm main Debian
            http://mirror.test/debian/ bookworm contrib Debian
            http://mirror.test/debian/ bookworm-updates main $(ORIGIN)
            http://packages.test/tool/ bookworm stable Tool
            http://packages.test/other/ bookworm main Other
            http://mirror.test/debian/ trixie main Debian
            http://mirror.test/debian/ bookworm main Debian
            """
        #expect(
            BaseImage.sources(of: .bookworm, in: targets) == [
                "deb http://mirror.test/debian/ bookworm main", "deb http://mirror.test/debian/ bookworm-updates main",
            ])
    }

    @Test func packageSourcesOfAnotherReleaseAreOnTheSameMirrors() {
        let targets = """
            http://mirror.test/debian/ bookworm main Debian
            http://mirror.test/debian/ bookworm-updates main Debian
            http://mirror.test/security/ bookworm-security main Debian
            http://packages.test/tool/ bookworm main Tool
            """
        #expect(
            BaseImage.sources(of: .trixie, in: targets) == [
                "deb http://mirror.test/debian/ trixie main", "deb http://mirror.test/debian/ trixie-updates main",
                "deb http://mirror.test/security/ trixie-security main",
            ])
        let own = targets + "\nhttp://other.test/debian/ trixie main Debian"
        #expect(BaseImage.sources(of: .trixie, in: own) == ["deb http://other.test/debian/ trixie main"])
        #expect(BaseImage.sources(of: .trixie, in: "") == [])
    }
}
