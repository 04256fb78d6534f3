import Fleet
import Testing

@testable import SSH

@Suite struct OpenSSHWordsTests {
    private func words(
        _ command: [String] = [], wantsTerminal: Bool = false, configuration: OpenSSHClient.Configuration? = .usual,
        _ change: (inout Route) -> Void = { _ in }
    ) throws -> String {
        var route = Route(host: try HostName("h1"), name: "10.0.0.1")
        change(&route)
        return OpenSSHWords(configuration).words(for: route, command: command, wantsTerminal: wantsTerminal)
            .joined(separator: "·")
    }

    @Test func whatNobodySaidIsLeftToTheUser() throws { #expect(try words() == "ssh·--·10.0.0.1") }

    @Test func whatIsSaidWinsOverTheUser() throws {
        #expect(try words { $0.settings.port = 22 } == "ssh·-p·22·--·10.0.0.1")
        #expect(try words { $0.settings.connectTimeout = .seconds(10) } == "ssh·-o·ConnectTimeout=10·--·10.0.0.1")
        #expect(try words { $0.settings.checksHostKey = true } == "ssh·-o·StrictHostKeyChecking=ask·--·10.0.0.1")
        #expect(try words { $0.jumps = [] } == "ssh·-o·ProxyJump=none·--·10.0.0.1")
    }

    @Test func theUsersSettingsMayStandElsewhere() throws {
        #expect(try words(configuration: nil) == "ssh·-F·none·--·10.0.0.1")
        #expect(try words(configuration: .file("/c")) == "ssh·-F·/c·--·10.0.0.1")
    }

    @Test func theInventorysSettingsAreTaken() throws {
        let all = try words {
            ($0.settings.port, $0.settings.user, $0.settings.identityFiles) = (2222, "ops", ["/k 1", "/k2"])
            ($0.settings.knownHostsFiles, $0.settings.checksHostKey) = (["/a b", "/c"], false)
            $0.settings.connectTimeout = .seconds(3)
        }
        let expected = """
            ssh·-p·2222·-l·ops·-i·/k 1·-i·/k2·-o·IdentitiesOnly=yes·-o·UserKnownHostsFile="/a b" /c·\
            -o·StrictHostKeyChecking=no·-o·ConnectTimeout=3·--·10.0.0.1
            """
        #expect(all == expected)
    }

    @Test func jumpHostsTakeTheirOwnKeysAlong() throws {
        var far = Route(host: try HostName("far"), name: "10.0.0.8")
        (far.settings.user, far.settings.identityFiles) = ("50%", ["/far key"])
        var near = Route(host: try HostName("near"), name: "10.0.0.9")
        (near.settings.port, near.settings.knownHostsFiles) = (2222, ["/known"])
        let all = try words { $0.jumps = [near, far] }
        let inner = "ssh -p 2222 -o 'UserKnownHostsFile=/known' -W '[%h]:%p' -- 10.0.0.9"
        let escaped = inner.replacing("%", with: "%%").replacing("'", with: #"'\''"#)
        let outer = "ssh -l 50%% -i '/far key' -o 'IdentitiesOnly=yes' -o 'ProxyCommand=\(escaped)'"
        #expect(all == "ssh·-o·ProxyCommand=\(outer) -W '[%h]:%p' -- 10.0.0.8·--·10.0.0.1")
    }

    @Test func commandsAreThoseOfRun() throws {
        #expect(try words(["df -h | tail"]).hasSuffix("--·10.0.0.1·df -h | tail"))
        #expect(try words(["echo", "a b"], wantsTerminal: true).hasSuffix("-t·--·10.0.0.1·echo 'a b'"))
    }
}
