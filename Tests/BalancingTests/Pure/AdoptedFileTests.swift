import Fleet
import TestSupport
import Testing

@testable import Balancing

/// A backend in somebody's own file: its server lines change, and no other byte.
@Suite struct AdoptedFileTests {
    static let text = """
        global  # ours
            stats socket /run/haproxy/admin.sock level admin
        defaults
          mode http
          default-server inter 2s
        frontend front
          bind :80
          default_backend app

        backend other
            server ap1 10.1.0.1:81 check
        backend "app"   # the shop
        \tbalance roundrobin
          option httpchk GET /healthz
          # server ap9 10.0.0.9:80 check
          default-server fall 2

          server ap1 10.0.0.1:80 check maxconn 100 weight 10 # rack 1
        \t server  ap2   10.0.0.2:80  check maxconn 100   weight 10
          http-request set-header X-Server '# server ap1'

        listen stats
            bind :8404

        """

    private func member(_ name: String, _ address: String) throws -> PoolMember {
        PoolMember(host: try HostName(name), address: address, port: 80)
    }

    private func members() throws -> [PoolMember] { [try member("ap1", "10.0.0.1"), try member("ap2", "10.0.0.2")] }

    private func terms(
        _ members: [PoolMember], backend: String = "app", options: String? = nil
    ) -> AdoptedFile.Terms {
        var pool = Pool(name: backend, members: members, configFile: "/etc/haproxy/haproxy.cfg")
        pool.adoption = Pool.Adoption(serverOptions: options)
        return AdoptedFile.Terms(pool)
    }

    private func read(_ text: String, _ more: PoolMember..., options: String? = nil) throws -> PoolFile {
        PoolFile(adopting: try AdoptedFile(Array(text.utf8), terms(members() + more, options: options)))
    }

    @Test func itsServersAreRead() throws {
        let file = try read(Self.text)
        #expect(file.members == (try members()))
        #expect(file.servers.map(\.weight) == [10, 10] && file.servers.map(\.isDisabled) == [false, false])
        #expect(file.bytes == Array(Self.text.utf8))
        #expect(
            file.keywords(of: file.members[0], in: Pool(name: "app", members: [], configFile: ""))
                == "inter 2s fall 2 check maxconn 100 weight 10")
        #expect(file.adopted?.isSticky == false && file.isAddable(file.members[0]))
    }

    @Test(arguments: [
        ("ap1", "ap1 10.0.0.1:80 check maxconn 100 weight 10 disabled # rack 1 # out of rotation for Drover"),
        ("ap2", " ap2   10.0.0.2:80  check maxconn 100   weight 10 disabled # out of rotation for Drover"),
    ])
    func oneThatIsDrainedIsDisabledOnItsLine(_ name: String, _ line: String) throws {
        let file = try read(Self.text)
        let drained = file.disabling(try HostName(name))
        let changed = drained.text.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.isEmpty && !Self.text.split(separator: "\n").contains($0) }
        #expect(changed.map { $0.split(separator: "server ", maxSplits: 1).last.map(String.init) } == [line])
        let again = try read(drained.text)
        #expect(again.servers == drained.servers)
        #expect(again.adding(try #require(again[try HostName(name)]?.member)).text == Self.text)
    }

    @Test func whatAPersonDisabledStaysOut() throws {
        let file = try read(Self.text.replacing("weight 10 # rack 1", with: "disabled # rack 1"))
        #expect(file.servers[0].isDisabled && file.servers[0].keptOut?.isMaintenance == true)
        #expect(file.adding(file.members[0]).text.contains("ap1 10.0.0.1:80 check maxconn 100 # rack 1\n"))
    }

    @Test func whoTookOneOutIsWrittenBehindTheComment() throws {
        let note = KeptOut(by: "me@here:1", since: Timestamp(milliseconds: 7), reason: "disk", isMaintenance: true)
        let file = try read(Self.text).keepingOut(try HostName("ap1"), note)
        #expect(file.text.contains("weight 10 disabled # rack 1 # maintenance since 7 by me@here:1: disk\n"))
        let again = try read(file.text)
        #expect(again.servers[0].keptOut == note)
        #expect(again.adding(again.members[0]).text == Self.text)
    }

    @Test func aNewOneGetsWhatTheOthersHave() throws {
        let ap3 = try member("ap3", "10.0.0.3")
        let file = try read(Self.text, ap3).adding(ap3)
        let placed = file.adding(ap3)
        #expect(
            placed.text.contains("  weight 10\n\t server ap3 10.0.0.3:80 check maxconn 100 weight 10\n  http-request"))
        let said = try read(Self.text, ap3, options: "check ssl verify none").adding(ap3)
        #expect(said.text.contains("\t server ap3 10.0.0.3:80 check ssl verify none weight 10\n"))
        #expect(placed.removing(ap3.host).text == Self.text)
    }

    @Test(arguments: ["\n", "\r\n"]) func linesEndAsTheyDid(_ end: String) throws {
        let text = "defaults\n\nbackend app\n  server ap1 10.0.0.1:80 check\n  server ap2 10.0.0.2:80 check"
            .replacing("\n", with: end)
        let ap3 = try member("ap3", "10.0.0.3")
        let file = try read(text, ap3)
        #expect(file.adding(ap3).text == text + end + "  server ap3 10.0.0.3:80 check")
        #expect(
            file.adding(ap3).removing(file.members[1].host).text == text.replacing("ap2 10.0.0.2", with: "ap3 10.0.0.3")
        )
        let moved = try member("ap1", "10.0.0.7")
        #expect(file.placing(moved).text == text.replacing("10.0.0.1", with: "10.0.0.7"))
    }

    @Test func membersComeBelowTheSettingsOfABackendWithoutServers() throws {
        let text = "backend app\n    default-server check\n\n# the end\nfrontend f\n"
        let file = members(of: try read(text))
        #expect(
            file.text == "backend app\n    default-server check\n    server ap1 10.0.0.1:80\n"
                + "    server ap2 10.0.0.2:80\n\n# the end\nfrontend f\n")
    }

    private func members(of file: PoolFile) -> PoolFile {
        // Both come from the inventory.
        ((try? members()) ?? []).reduce(file) { $0.adding($1) }
    }

    @Test(arguments: [
        (3, "  server-template web 3 10.0.0.1:80 check", "server-template"),
        (3, "  server ap1 10.0.0.3:80 check", "twice, also on line 2"),
        (3, "  server ap3 web.example:80 check", "not at an IP address"),
        (3, "  server ap3 10.0.0.3:80 check resolvers dns", "resolvers"),
        (3, "  default-server resolvers dns", "resolvers"),
        (3, "  server sorry 10.0.0.3:80 check backup", "backup"),
        (3, "  server ap3 10.0.0.3:80", "not checked"),
        (3, "  .if feature(SSL)", ".if"),
        (3, "  server 'a b' 10.0.0.3:80 check", "name no host"),
        (4, "  server ap9 10.0.0.9:80 check\n  use-server ap9 if { src 10.0.0.0/8 }", "use-server names ap9"),
        (4, "  server ap9 10.0.0.9:80 check\n  server ap2 10.0.0.2:80 check track ap9", "server names ap9"),
        (5, "  server ap9 10.0.0.9:80 check\nbackend b\n  server x 10.0.0.2:80 track app/ap9", "server names ap9"),
        (3, "listen app\n  bind :81", "second section"),
    ])
    func whatCannotBeTakenIsToldWithItsLine(_ line: Int, _ added: String, _ told: String) throws {
        let text = "backend app\n  server ap1 10.0.0.1:80 check\n\(added)\n"
        let error = #expect(throws: AdoptionError.self) {
            try AdoptedFile(Array(text.utf8), terms(try members(), options: "check"))
        }
        #expect(error?.message.contains(told) == true, "\(error?.message ?? "")")
        #expect(error?.place.map { $0 + 1 } == line)
    }

    @Test func aBackendThatIsNotThereIsTold() throws {
        let error = #expect(throws: AdoptionError.self) {
            try AdoptedFile(Array(Self.text.utf8), terms(try members(), backend: "shop"))
        }
        #expect(error?.message == "there is no backend shop in it" && error?.hints == ["it has other, app"])
    }

    @Test func optionsThatDifferWantAWord() throws {
        let text = Self.text.replacing("maxconn 100   weight", with: "maxconn 200   weight")
        let ap3 = try member("ap3", "10.0.0.3")
        _ = try read(text)
        let error = #expect(throws: AdoptionError.self) { try read(text, ap3) }
        #expect(error?.place == 18 && error?.hints.first?.contains("server_options: check maxconn 100") == true)
        _ = try read(text, ap3, options: "check")
    }

    @Test(arguments: [
        ("check inter 2s ssl verify none", true), ("check cookie a", false), ("check init-addr none", false),
        ("check sni str(x\\ y)", false), ("check maxconn", false), ("", true),
    ])
    func whatCanComeByACommandIsKnown(_ words: String, _ isAddable: Bool) {
        #expect(AdoptionRules.canAdd(words.split(separator: " ").map(String.init)) == isAddable)
    }

    // MARK: generated

    private static let pieces = [
        "backend app", "backend other", "listen x", "frontend f", "global", "defaults",
        "  server ap1 10.0.0.1:80 check",
        "\tserver ap2 10.0.0.2:80 check inter 1s disabled # mine", "  server zz 10.0.0.9:80 check weight 7  # a # b",
        "server q 10.0.0.8:80 check", "  mode http", "", "   ", "# server ap1 10.0.0.1:80", "  acl a path '# server'",
        "  errorfile 503 /a\\ b", "\u{0}\u{1}", "é ü", "  cookie SRV insert", "default-server weight 3", "\"",
        "  server ap1 10.0.0.1:80 check # maintenance by me", "  balance leastconn",
    ]

    @Test(arguments: 0..<40 as Range<UInt64>)
    func noOtherByteChanges(seed: UInt64) throws {
        var random = Dice(seed)
        for _ in 0..<15 {
            let end = Bool.random(using: &random) ? "\n" : "\r\n"
            var lines = (0..<Int.random(in: 0...14, using: &random)).map { _ in
                Self.pieces.randomElement(using: &random) ?? ""
            }
            lines.insert("backend app", at: Int.random(in: 0...lines.count, using: &random))
            var bytes = Array(lines.joined(separator: end).utf8) + (Bool.random(using: &random) ? Array(end.utf8) : [])
            // Comments of another alphabet are no text to us, and bytes all the same.
            if Bool.random(using: &random) { bytes = [0x23, 0xE9, 0xFF, 0x0A] + bytes }
            guard let adopted = try? AdoptedFile(bytes, terms(try members(), options: "check")) else { continue }
            try check(adopted, bytes, &random)
        }
    }

    private func check(_ adopted: AdoptedFile, _ bytes: [UInt8], _ random: inout Dice) throws {
        var file = PoolFile(adopting: adopted)
        #expect(file.bytes == bytes)
        let names = try (file.members.map(\.host) + [HostName("ap1"), HostName("ap2"), HostName("nobody")])
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            let host = try #require(names.randomElement(using: &random))
            switch Int.random(in: 0...5, using: &random) {
            case 0: file = file.disabling(host)
            case 1: file = file.removing(host)
            case 2: file = file.weighing(host, Int.random(in: 0...256, using: &random))
            case 3: file = file.keepingOut(host, KeptOut(by: "me", reason: "a # b", isMaintenance: true))
            // One that left and comes again in one change has its line as it was.
            case 4 where file[host] != nil || !adopted.servers.contains { $0.server.member.host == host }:
                file = file.adding(try member(host.description, "10.0.1.\(Int.random(in: 1...9, using: &random))"))
            default: file = file[host].map { file.adding($0.member) } ?? file
            }
        }
        let again = try AdoptedFile(file.bytes, terms(try members(), options: "check"))
        #expect(again.servers.map(\.server) == file.servers)
        #expect(PoolFile(adopting: again).bytes == file.bytes)
        #expect(rest(again) == rest(adopted))
    }

    /// Every line that is no server's of the backend, without the end of the file's last.
    private func rest(_ file: AdoptedFile) -> [[UInt8]] {
        let own = Set(file.servers.map(\.place))
        return file.lines.indices.filter { !own.contains($0) }.map { place in
            let line = file.lines[place]
            return Array(line.reversed().drop { $0 == 0x0A || $0 == 0x0D }.reversed())
        }
    }
}
