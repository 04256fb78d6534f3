import Balancing
import Fleet
import Foundation
import Testing

/// A backend in somebody's own file, on real balancers.
@Suite(.haproxy, .serialized, .timeLimit(.minutes(2))) struct AdoptionTests {
    private let patience: Duration = .seconds(40)

    /// The user's file, with `servers` and what is around them.
    private func text(_ rig: Rig, _ names: String..., settings: String = "", options: String = "maxconn 100") throws
        -> String
    {
        let lines = try names.map { name in
            let member = try rig.member(name)
            return "\tserver \(name)  \(member.address):\(member.port)  check \(options)  # rack \(name)\r\n"
        }
        return "# our pool \u{E9}\r\nbackend app  # the shop\r\n  option httpchk GET /healthz\r\n\(settings)"
            + "  default-server inter 50ms rise 2 fall 2\r\n\r\n" + lines.joined()
            + "  http-response set-header X-Pool 'a # b'\r\n\r\nbackend unused\r\n"
    }

    private func adopt(
        _ rig: Rig, _ text: String, over names: String..., options: String? = nil
    ) async throws -> HAProxyTraffic {
        for balancer in ["lb1", "lb2"] {
            // In Latin-1, as some files are.
            try Data(text.unicodeScalars.map { UInt8($0.value) }).write(to: rig.file(balancer))
            try await rig.restart(balancer)
        }
        return try rig.traffic(over: try names.map(rig.member), adoption: Pool.Adoption(serverOptions: options))
    }

    private func read(_ rig: Rig, _ balancer: String = "lb1") throws -> String {
        String(String.UnicodeScalarView(try Data(contentsOf: rig.file(balancer)).map { Unicode.Scalar($0) }))
    }

    @Test func membersComeAndGoAndNothingElseChanges() async throws {
        try await Rig.run { rig in
            let before = try text(rig, "ap1", "ap2")
            let traffic = try await adopt(rig, before, over: "ap1", "ap2", "ap3")
            try await traffic.establish()
            try await traffic.admit(rig.member("ap1"), patience: patience)
            #expect(try read(rig) == before)
            try await traffic.admit(rig.member("ap3"), patience: patience)
            let address = try rig.member("ap3")
            let added = "\tserver ap3 127.0.0.1:\(address.port) check maxconn 100\r\n"
            let with = before.replacing("  http-response", with: "\(added)  http-response")
            #expect(try ["lb1", "lb2"].map { try read(rig, $0) } == [with, with])
            #expect(traffic.pool.differences(from: await traffic.observe()).map(\.description) == [])
            // What came at run time is what a start makes of the file.
            try await rig.restart("lb1")
            try await traffic.admit(rig.member("ap3"), patience: patience)
            #expect(traffic.pool.differences(from: await traffic.observe()).map(\.description) == [])
            _ = try await traffic.drain(address.host, patience: patience)
            try await traffic.remove(address.host)
            #expect(try ["lb1", "lb2"].map { try read(rig, $0) } == [before, before])
            #expect(
                await traffic.observe().map { $0.running.map(\.host.description) } == [
                    ["ap1", "ap2"], ["ap1", "ap2"],
                ])
        }
    }

    @Test func whatIsDrainedStaysOutWhenHAProxyStarts() async throws {
        try await Rig.run { rig in
            let before = try text(rig, "ap1", "ap2")
            let traffic = try await adopt(rig, before, over: "ap1", "ap2")
            let ap2 = try rig.member("ap2")
            _ = try await traffic.drain(ap2.host, patience: patience)
            #expect(
                try read(rig)
                    == before.replacing(
                        "maxconn 100  # rack ap2", with: "maxconn 100 disabled  # rack ap2 # out of rotation for Drover"
                    ))
            try await rig.restart("lb1")
            #expect(await traffic.observe().map { $0.running.last?.state } == [.maintenance, .draining])
            try await traffic.admit(ap2, patience: patience)
            #expect(try read(rig) == before)
            let note = KeptOut(by: "me@here:1", since: Timestamp(milliseconds: 7), isMaintenance: true)
            _ = try await traffic.keepOut(ap2.host, note, patience: patience)
            try await traffic.weigh(ap2.host, 50)
            #expect(await traffic.observe().map { $0.keptOut[ap2.host] } == [note, note])
            try await traffic.letIn(ap2, patience: patience)
            #expect(await traffic.observe().map { $0.running.last?.weight } == [50, 50])
            #expect(
                try read(rig) == before.replacing("maxconn 100  # rack ap2", with: "maxconn 100 weight 50  # rack ap2"))
        }
    }

    @Test func whatCannotBeTakenIsRefusedBeforeAnythingChanges() async throws {
        try await Rig.run { rig in
            let before = try text(rig, "ap1", settings: "  server-template web 2 127.0.0.1:9 check disabled\r\n")
            let traffic = try await adopt(rig, before, over: "ap1", "ap2")
            let error = await #expect(throws: TrafficError.self) {
                try await traffic.admit(rig.member("ap2"), patience: patience)
            }
            #expect(error?.message.contains("/pools/app.cfg:4: server-template") == true, "\(error?.message ?? "")")
            #expect(try read(rig) == before)
            let views = await traffic.observe()
            #expect(views.allSatisfy { $0.fault?.contains("app.cfg:4: server-template") == true })
        }
    }

    @Test func stickyClientsKeepTheirMembersCookie() async throws {
        try await Rig.run { rig in
            let ap1 = try rig.member("ap1")
            let before = try text(
                rig, "ap1", settings: "  cookie SRV insert indirect nocache\r\n", options: "cookie ap1")
            let traffic = try await adopt(rig, before, over: "ap1", "ap2", options: "check")
            try await traffic.admit(rig.member("ap2"), patience: patience)
            #expect(try read(rig).contains("check cookie ap2\r\n"))
            _ = try await traffic.drain(ap1.host, patience: patience)
            #expect(await traffic.observe().map { $0.running.first?.state } == [.maintenance, .maintenance])
        }
    }

    @Test func aFileThatHAProxyWouldNotReadIsNotWritten() async throws {
        try await Rig.run { rig in
            let before = try text(rig, "ap1")
            let traffic = try await adopt(rig, before, over: "ap1", "ap2", options: "check no-such-word")
            let error = await #expect(throws: TrafficError.self) {
                try await traffic.admit(rig.member("ap2"), patience: patience)
            }
            #expect(error?.message.contains("no-such-word") == true, "\(error?.message ?? "")")
            #expect(try read(rig) == before)
        }
    }

    @Test func aFileKeepsItsRightsAndTheLinkToIt() async throws {
        try await Rig.run { rig in
            let before = try text(rig, "ap1", "ap2")
            let traffic = try await adopt(rig, before, over: "ap1", "ap2")
            let (file, real) = (rig.file("lb1"), rig.folder.appendingPathComponent("real.cfg"))
            try FileManager.default.moveItem(at: file, to: real)
            try FileManager.default.createSymbolicLink(at: file, withDestinationURL: real)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: real.path)
            try await traffic.weigh(rig.member("ap1").host, 7)
            #expect(try String(contentsOf: real, encoding: .isoLatin1).contains("maxconn 100 weight 7  # rack ap1"))
            let rights = try FileManager.default.attributesOfItem(atPath: real.path)[.posixPermissions] as? Int
            #expect(rights == 0o640)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: file.path) == real.path)
        }
    }
}
