import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import SSH

/// Hosts that don't answer hold nobody up more than once.
@Suite(.timeLimit(.minutes(2))) struct SilenceTests {
    /// Time as far as it is remembered who kept silent.
    private final class Watch: Sendable {
        private let ahead = Mutex(Duration.zero)
        var settings: SSHSettings {
            var settings = SSHSettings(silenceLimit: .seconds(2))
            settings.now = { .now + self.ahead.withLock(\.self) }
            return settings
        }
        func advance(by time: Duration) { ahead.withLock { $0 += time } }
    }

    private func error(
        _ endpoint: Endpoint, _ connector: SSHConnector
    ) async -> (error: TransportError?, time: Duration) {
        let began = ContinuousClock.now
        let error = await transportError { _ = try await connector.transport(to: endpoint) }
        return (error, .now - began)
    }

    // MARK: the rule

    @Test func aWaitThatWasCutShortIsGoneOnWith() {
        let now = ContinuousClock.now
        var silence = Silence()
        silence.goOn(for: .seconds(4), .seconds(10), at: now)
        #expect(silence.patience(.seconds(10), at: now) == .seconds(6))
        silence.goOn(for: .seconds(6), .seconds(10), at: now)
        #expect(silence.patience(.seconds(10), at: now) == nil)
    }

    /// What is looked for costs a tenth of the time that goes by.
    @Test func theDeadAreLookedForNowAndThen() {
        var now = ContinuousClock.now
        var silence = Silence()
        silence.goOn(for: .seconds(10), .seconds(10), at: now)
        var looking = Duration.zero
        for _ in 0..<1200 {
            now += .milliseconds(500)
            guard let look = silence.patience(.seconds(10), at: now) else { continue }
            #expect(look >= Silence.firstLook && look <= .seconds(2))
            looking += look
            now += look
            silence.goOn(for: look, .seconds(10), at: now)
        }
        #expect(looking > .seconds(20) && looking < .seconds(70), "\(looking) of ten minutes")
    }

    @Test func oneWhoseConnectionFellSilentIsLookedForAtOnce() {
        #expect(Silence(.seconds(15)).patience(.seconds(10), at: .now) == Silence.firstLook)
    }

    // MARK: hosts

    @Test func aHostThatJustKeptSilentIsNotWaitedForAgain() async throws {
        let (hole, watch) = (try BlackHole(), Watch())
        var endpoint = Endpoint(host: try HostName("h"), address: "127.0.0.1", user: "me")
        (endpoint.port, endpoint.connectTimeout) = (hole.port, .seconds(3))
        let connector = SSHConnector(settings: watch.settings)
        let first = await error(endpoint, connector)
        #expect(first.time >= .seconds(3))
        let second = await error(endpoint, connector)
        #expect(second.time < .seconds(1))
        watch.advance(by: .seconds(4))
        let look = await error(endpoint, connector)
        #expect(look.time < .seconds(2))
        for error in [first.error, second.error, look.error] {
            #expect(error?.code == .unreachable)
            #expect(error?.message == "no answer from 127.0.0.1:\(hole.port) within 3 s")
        }
        await connector.closeAll()
        withExtendedLifetime(hole) {}
    }

    @Test func oneThatIsFrozenIsNotWaitedForAgainAndComesBack() async throws {
        try await ThrowawaySSHD.with { server in
            let watch = Watch()
            var endpoint = try server.endpoint()
            endpoint.connectTimeout = .seconds(2)
            let connector = SSHConnector(settings: watch.settings)
            server.signal(SIGSTOP)
            let first = await error(endpoint, connector)
            let second = await error(endpoint, connector)
            server.signal(SIGCONT)
            #expect(first.error?.message == "no answer within 2 s during the SSH handshake")
            #expect(second.error?.message == first.error?.message && second.time < .seconds(1))
            // A busy machine may take more than one look for a host that is back.
            for _ in 0..<20 {
                watch.advance(by: .seconds(60))
                if await error(endpoint, connector).error == nil { break }
            }
            try await connector.transport(to: endpoint).expect("echo back", says: "back\n")
            await connector.closeAll()
        }
    }

    @Test func oneThatDiesBetweenTwoStepsIsWaitedForOnce() async throws {
        try await ThrowawaySSHD.with { server in
            var endpoint = try server.endpoint()
            endpoint.connectTimeout = .seconds(20)
            let connector = SSHConnector(settings: Watch().settings)
            let transport = try await connector.transport(to: endpoint)
            try await transport.expect("echo one", says: "one\n")
            server.signal(SIGSTOP)
            try await server.killSessions("STOP")
            // The kernel answers for a frozen sshd; what is lost is the connection.
            let began = ContinuousClock.now
            let lost = await transportError { _ = try await transport.run(RemoteCommand(shell: "echo two")) }
            server.signal(SIGCONT)
            try await server.killSessions("CONT")
            #expect(lost?.code == .connectionLost && ContinuousClock.now - began < .seconds(15), "\(lost as Any)")
            try await transport.expect("echo three", says: "three\n")
            await connector.closeAll()
        }
    }

    /// One command's hosts may all be connected already, as an earlier one left them.
    @Test func aKeeperRemembersWhoIsDeadForAsLongAsTheCommandLasts() async throws {
        try await ThrowawaySSHD.with { server in
            try await KeeperUnderTest.with { keeper in
                let hole = try BlackHole()
                let live = try server.endpoint()
                try await keeper.command(to: live) { try await $0.expect("echo one", says: "one\n") }
                try await keeper.waitForIdle(1)
                var dead = live
                (dead.host, dead.port, dead.connectTimeout) = (try HostName("dead"), hole.port, .seconds(3))
                let connector = keeper.connector()
                let transport = try await connector.transport(to: live)
                for most in [Duration.seconds(10), .seconds(2)] {
                    let began = ContinuousClock.now
                    let error = await transportError { [dead] in _ = try await connector.transport(to: dead) }
                    #expect(error?.message == "no answer from 127.0.0.1:\(hole.port) within 3 s")
                    #expect(ContinuousClock.now - began < most)
                }
                try await transport.expect("echo two", says: "two\n")
                await connector.closeAll()
                withExtendedLifetime(hole) {}
            }
        }
    }

    @Test func hostsBehindAJumpHostAreWaitedForOnceToo() async throws {
        try await ThrowawaySSHD.with { jump in
            let hole = try BlackHole()
            var endpoint = Endpoint(host: try HostName("h"), address: "127.0.0.1", user: "me")
            (endpoint.port, endpoint.connectTimeout) = (hole.port, .seconds(3))
            endpoint.jumps = [try jump.endpoint("jump")]
            let connector = SSHConnector()
            for most in [Duration.seconds(20), .seconds(2)] {
                let (error, time) = await error(endpoint, connector)
                #expect(
                    error?.message == "no answer from 127.0.0.1:\(hole.port) within 3 s, asked by jump host jump")
                #expect(time < most)
            }
            await connector.closeAll()
            withExtendedLifetime(hole) {}
        }
    }
}
