import Fleet
import Foundation
import TestSupport
import Testing

@testable import CLI

@Suite struct OpenSSHWordsTests {
    private func words(
        _ command: [String] = [], wantsTerminal: Bool = false, _ change: (inout Endpoint) -> Void = { _ in }
    ) throws -> String {
        var endpoint = Endpoint(host: try HostName("h1"), address: "10.0.0.1")
        change(&endpoint)
        return OpenSSHWords.words(for: endpoint, command: command, wantsTerminal: wantsTerminal)
            .joined(separator: "·")
    }

    @Test func aBareHostNeedsLittle() throws { #expect(try words() == "ssh·-p·22·--·10.0.0.1") }

    @Test func whatNobodySaidIsLeftToTheUser() throws {
        #expect(try words { $0.leftToUser = Set(Endpoint.Setting.allCases) } == "ssh·--·10.0.0.1")
        #expect(try words { $0.leftToUser = [.port] } == "ssh·-o·ConnectTimeout=10·-o·ProxyJump=none·--·10.0.0.1")
        #expect(try words { $0.leftToUser = [.connectTimeout, .jumps] } == "ssh·-p·22·--·10.0.0.1")
    }

    @Test func theInventorysSettingsAreTaken() throws {
        let all = try words {
            ($0.port, $0.user, $0.identityFiles) = (2222, "ops", ["/k 1", "/k2"])
            ($0.knownHostsFiles, $0.checksHostKey, $0.connectTimeout) = (["/a b", "/c"], false, .seconds(3))
        }
        let expected = """
            ssh·-p·2222·-l·ops·-i·/k 1·-i·/k2·-o·IdentitiesOnly=yes·-o·UserKnownHostsFile="/a b" /c·\
            -o·StrictHostKeyChecking=no·-o·ConnectTimeout=3·--·10.0.0.1
            """
        #expect(all == expected)
    }

    @Test func jumpHostsTakeTheirOwnKeysAlong() throws {
        var far = Endpoint(host: try HostName("far"), address: "10.0.0.8", identityFiles: ["/far key"])
        far.user = "50%"
        let near = Endpoint(host: try HostName("near"), address: "10.0.0.9", port: 2222, knownHostsFiles: ["/known"])
        let all = try words { $0.jumps = [near, far] }
        let inner = "ssh -p 2222 -o 'UserKnownHostsFile=/known' -W '[%h]:%p' -- 10.0.0.9"
        let escaped = inner.replacing("%", with: "%%").replacing("'", with: #"'\''"#)
        let outer = "ssh -p 22 -l 50%% -i '/far key' -o 'IdentitiesOnly=yes' -o 'ProxyCommand=\(escaped)'"
        #expect(all == "ssh·-p·22·-o·ProxyCommand=\(outer) -W '[%h]:%p' -- 10.0.0.8·--·10.0.0.1")
    }

    @Test func commandsAreThoseOfRun() throws {
        #expect(try words(["df -h | tail"]).hasSuffix("--·10.0.0.1·df -h | tail"))
        #expect(try words(["echo", "a b"], wantsTerminal: true).hasSuffix("-t·--·10.0.0.1·echo 'a b'"))
    }
}

extension ProgramTests {
    @Suite struct LoginProgramTests {
        @Test func goesThroughAJumpHost() async throws {
            try await ThrowawaySSHD.with { server in
                let inventory = server.folder.appendingPathComponent("jump.ini").path
                let way =
                    "ansible_host=127.0.0.1 ansible_port=\(server.port) ansible_ssh_private_key_file=\(server.clientKey())"
                let text = """
                    near \(way) ansible_ssh_common_args='-o UserKnownHostsFile=\(server.knownHosts)'
                    far \(way) ansible_ssh_common_args='-o UserKnownHostsFile=\(server.knownHosts) -J near'

                    """
                try text.write(toFile: inventory, atomically: true, encoding: .utf8)
                let drover = DroverProgram(in: server.folder)
                let done = try await drover("ssh", "-i", inventory, "far", "--", "echo there")
                #expect(done.output == "there\n", "\(done.errors)")
            }
        }

        @Test func becomesSSHAndEndsAsTheCommandDoes() async throws {
            try await ThrowawaySSHD.with { server in
                let drover = DroverProgram(in: server.folder)
                let inventory = try server.inventory(hosts: 2)
                let done = try await drover("ssh", "-i", inventory, "h2", "--", "echo there; exit 7")
                #expect(done.output == "there\n")
                #expect(done.status == 7, "\(done.errors)")
                let several = try await drover("ssh", "-i", inventory, "all", "--", "true")
                #expect(several.status == 64 && several.errors.contains("hint: name one of: h1, h2"))
            }
        }
    }
}
