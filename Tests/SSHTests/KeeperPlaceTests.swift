import Fleet
import Foundation
import TestSupport
import Testing

@testable import SSH

/// Who gets whose connections.
@Suite struct KeeperPlaceTests {
    private func withRuntimeFolder(_ body: (URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path)
            try await body(folder)
        }
    }

    @Test func anotherProgramOrAnotherEnvironmentHasAnotherKeeper() async throws {
        try await withRuntimeFolder { folder in
            let place = { (program: String, more: [String: String]) in
                KeeperPlace(
                    environment: ["XDG_RUNTIME_DIR": folder.path].merging(more) { $1 }, program: program)?.socket
            }
            let usual = try #require(place("one", [:]))
            #expect(place("one", [:]) == usual)
            #expect(place("one", ["TERM": "xterm"]) == usual)
            #expect(place("two", [:]) != usual)
            for name in ["SSH_AUTH_SOCK", "KRB5CCNAME", "KRB5_CONFIG", "KRB5_CLIENT_KTNAME"] {
                #expect(place("one", [name: "/other"]) != usual)
            }
            #expect(place("one", ["HOME": "/elsewhere"]) != usual)
        }
    }

    @Test func nothingSecretReachesTheKeeper() async throws {
        try await withRuntimeFolder { folder in
            let place = try #require(
                KeeperPlace(environment: [
                    "XDG_RUNTIME_DIR": folder.path, "DROVER_SSH_PASSWORD": "hidden", "HOME": "/root",
                ]))
            #expect(place.environment == ["XDG_RUNTIME_DIR": folder.path, "HOME": "/root"])
        }
    }

    @Test(arguments: [0o777, 0o720] as [Int]) func aFolderThatOthersMayWriteToIsNotUsed(_ mode: Int) async throws {
        try await withRuntimeFolder { folder in
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.path)
            #expect(KeeperPlace(environment: ["XDG_RUNTIME_DIR": folder.path]) == nil)
        }
    }

    @Test func aLinkInPlaceOfTheFolderIsNotUsed() async throws {
        try await withRuntimeFolder { folder in
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/drover", withDestinationPath: folder.path)
            #expect(KeeperPlace(environment: ["XDG_RUNTIME_DIR": folder.path]) == nil)
        }
    }

    // MARK: Endpoints

    private func endpoint() throws -> Endpoint {
        var endpoint = Endpoint(
            host: try HostName("web1"), address: "192.0.2.1", port: 2222, user: "deploy",
            identityFiles: ["keys/one", "/keys/two", "~/three"], knownHostsFiles: ["known"], checksHostKey: false,
            connectTimeout: .milliseconds(1500))
        endpoint.fallbackIdentityFiles = ["/fallback"]
        endpoint.fallbackKnownHostsFiles = ["/known"]
        endpoint.pinnedHostKeys = ["ssh-ed25519 AAAA"]
        endpoint.becomeMethod = .doas
        endpoint.hostKeyAlias = "alias"
        endpoint.identityAgent = "/agent"
        endpoint.client = .openssh
        endpoint.name = "name"
        endpoint.leftToUser = [.keys, .user]
        endpoint.addressFamily = .inet6
        endpoint.showsTicket = true
        endpoint.wants = [.token]
        endpoint.jumps = [Endpoint(host: try HostName("jump"), address: "192.0.2.2")]
        return endpoint
    }

    @Test func anEndpointIsToldWholeWithItsPathsFromTheRoot() throws {
        var expected = try endpoint()
        let record = try #require(EndpointRecord(expected, in: "/work"))
        let told = try #require(try KeeperFrame(record).decoded(EndpointRecord.self))
        expected.identityFiles[0] = "/work/keys/one"
        expected.knownHostsFiles = ["/work/known"]
        #expect(told == record)
        #expect(told.endpoint == expected)
    }

    /// Whoever adds a field to endpoints decides here what it means for kept connections.
    @Test func everyFieldOfAnEndpointIsToldOrKeepsItFromBeingKept() throws {
        let fields = Set(Mirror(reflecting: try endpoint()).children.compactMap(\.label))
        let told = Mirror(reflecting: try #require(EndpointRecord(try endpoint(), in: "/"))).children.compactMap(
            \.label)
        #expect(fields == Set(told + ["connection", "password", "passphrase", "becomePassword", "proxyCommand"]))
    }

    /// Where a program has a say, a keeper connects with libssh2 or not at all.
    @Test func whatSurroundingsDecideNoKeeperHasDecidedAnew() throws {
        var endpoint = try endpoint()
        endpoint.jumps[0].dependsOnSurroundings = true
        #expect(EndpointRecord(endpoint, in: "/") == nil)
        endpoint.client = nil
        let record = try #require(EndpointRecord(endpoint, in: "/"))
        #expect(record.dependsOnSurroundings && record.endpoint.client == .libssh2)
    }

    @Test func whatTookASecretIsNotKept() throws {
        let changes: [(inout Endpoint) -> Void] = [
            { $0.password = Secret("x") }, { $0.passphrase = Secret("x") }, { $0.becomePassword = Secret("x") },
            { $0.proxyCommand = "nc" }, { $0.connection = .local }, { $0.identityAgent = "$AGENT" },
            { $0.jumps[0].password = Secret("x") },
        ]
        for change in changes {
            var endpoint = try endpoint()
            change(&endpoint)
            #expect(EndpointRecord(endpoint, in: "/") == nil)
        }
    }

    // MARK: Frames

    @Test func framesAreCutTheSameHoweverTheyCome() throws {
        let frames = [try KeeperFrame(KeeperAnswer.here), try KeeperFrame(KeeperAnswer.closed(3), Array(0...255))]
        let bytes = frames.flatMap { $0.head + $0.bytes }
        for size in [1, 3, 7, 50, bytes.count] {
            var reader = FrameReader()
            var read: [KeeperFrame] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { reader.feed($0) }
                while let frame = try reader.next() { read.append(frame) }
            }
            #expect(read == frames)
        }
    }
}
