import Fleet
import Foundation
import TestSupport
import Testing

@testable import CLI

@Suite struct AgentSurveyTests {
    private static let status = """
        architecture x86_64
        user 0
        systemd yes
        version drover-agent 0.1.0
        sum 0f3c
        unit 11aa
        configuration yes
        state active
        enabled enabled
        bytes 13700
        answer HTTP/1.1 200 OK
        said ok
        said version 0.1.0
        said scope cgroup
        said age 0.4
        said weight 85
        said history 81234
        """

    @Test func isReadWithWhatTheAgentSays() {
        let survey = AgentSurvey(answer: Self.status)
        #expect(survey.isInstalled && survey.isRoot && survey.hasSystemd && survey.isEnabled)
        #expect(survey.version == "0.1.0" && survey.state == "active" && survey.isHealthy == true)
        #expect(survey.scope == "cgroup" && survey.age == 0.4 && survey.weight == 85 && survey.samples == 81234)
        #expect(survey.historyKiB == 13700)
    }

    @Test func aHostWithoutOneSaysSo() {
        let survey = AgentSurvey(answer: "architecture aarch64\nuser 1000\nstate inactive\nenabled \n")
        #expect(!survey.isInstalled && !survey.isRoot && survey.version == nil && survey.isHealthy == nil)
        #expect(AgentSurvey(answer: "").state == "unknown")
        #expect(AgentSurvey(answer: "said age nan\nsaid weight 1e9\nversion").age == nil)
    }

    @Test(arguments: [
        ("0.1.0", AgentSurvey.Skew.same), ("0.0.9", .older), ("0.1", .older), ("0.2.0", .newer), ("0.10.0", .newer),
        ("0.1.0-rc1", .same), ("x", .unknown), ("", .unknown),
    ])
    func versionsAreComparedByTheirNumbers(_ version: String, _ skew: AgentSurvey.Skew) {
        #expect(AgentSurvey(answer: "version drover-agent \(version)").skew(to: "0.1.0") == skew)
    }

    @Test func theProgramIsLookedForBesideThisOneFirst() throws {
        let places = AgentBinary.places(program: "/opt/drover/bin/drover", workingFolder: "/srv/shop")
        #expect(
            places == [
                "/opt/drover/bin/drover-agent", "/opt/drover/lib/drover/drover-agent",
                "/srv/shop/.build/agent/drover-agent",
            ])
        let built = AgentBinary.places(program: "/src/.build/x86_64/debug/drover", workingFolder: "/src")
        #expect(built.last == "/src/.build/agent/drover-agent" && built.count == 3)
    }

    @Test func whatItIsBuiltForStandsInItsHead() async throws {
        func head(_ machine: UInt8) -> [UInt8] {
            [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 11) + [machine, 0]
        }
        #expect(AgentBinary.architecture(head(62)) == "x86_64" && AgentBinary.architecture(head(183)) == "aarch64")
        #expect(AgentBinary.architecture(head(3)) == nil && AgentBinary.architecture(Array("#!/bin/sh".utf8)) == nil)
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "drover-agent")
            #expect(throws: InputError.self) {
                try AgentBinary(file.path, program: nil, workingFolder: folder.path)
            }
            try Data("#!/bin/sh\n".utf8).write(to: file)
            #expect(throws: InputError.self) {
                try AgentBinary(file.path, program: nil, workingFolder: folder.path)
            }
            try Data(head(62)).write(to: file)
            #expect(try AgentBinary(file.path, program: nil, workingFolder: "/").architecture == "x86_64")
        }
    }

    /// Hosts have no libraries of Swift's. A debug build of everything leaves such a program beside `drover`.
    @Test func oneThatNeedsLibrariesIsPassedOver() async throws {
        try await withTemporaryFolder { folder in
            let (beside, packaged) = (folder.appending(path: "bin"), folder.appending(path: "lib/drover"))
            for place in [beside, packaged] {
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            }
            let dynamic = beside.appending(path: "drover-agent")
            try FileManager.default.copyItem(atPath: "/bin/sh", toPath: dynamic.path)
            #expect(throws: InputError.self) {
                try AgentBinary(dynamic.path, program: nil, workingFolder: folder.path)
            }
            let program = beside.appending(path: "drover").path
            #expect(throws: InputError.self) { try AgentBinary(nil, program: program, workingFolder: folder.path) }
            let fixed: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 11) + [62, 0]
            let chosen = packaged.appending(path: "drover-agent")
            try Data(fixed).write(to: chosen)
            #expect(try AgentBinary(nil, program: program, workingFolder: folder.path).path == chosen.path)
        }
    }

    /// Both bring the same unit: who uses one after the other changes nothing.
    @Test func theUnitIsTheRoles() throws {
        let template = DroverProgram.repository.appending(
            path: "playbooks/roles/agent/templates/drover-agent.service.j2")
        #expect(try AgentUnit.text == String(contentsOf: template, encoding: .utf8))
    }

    @Test func balancersMayAskWhereTheHostHasAnAddress() {
        let open = AgentUnit.configuration(address: "10.0.0.5", balancers: ["10.0.0.1", "10.0.0.2"])
        #expect(open.hasSuffix("listen = 127.0.0.1, 10.0.0.5\nallow = 10.0.0.1\nallow = 10.0.0.2\n"))
        for own in [(nil, ["10.0.0.1"]), ("10.0.0.5", [])] as [(String?, [String])] {
            #expect(AgentUnit.configuration(address: own.0, balancers: own.1).hasSuffix("listen = 127.0.0.1\n"))
        }
    }
}
