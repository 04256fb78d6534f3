import Fleet
import Foundation
import Inventories
import OrderedCollections
import TestSupport
import Testing
import Values

/// `group_vars` and `host_vars` beside several playbooks.
@Suite struct PlaybookFolderTests {
    private func load<Result>(
        _ files: [String: String], beside folders: [String], _ body: (Inventory, String) throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            for (name, text) in files {
                let file = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            let inventory = try Inventory.load(
                sources: [folder.path + "/hosts/site.yml"], playbookFolders: folders.map { "\(folder.path)/\($0)" })
            return try body(inventory, folder.path)
        }
    }

    private let files = [
        "hosts/site.yml": "all: {children: {web: {hosts: {w1: {}, w2: {v: line}}}}}",
        "hosts/group_vars/all.yml": "v: sources\ns: sources\n",
        "a/group_vars/all.yml": "v: a\nonly_a: a\n", "b/group_vars/web.yml": "v: b\n",
        "a/host_vars/w2.yml": "v: w2 of a\n",
        "a/host_vars/localhost.yml": "v: here in a\n",
    ]

    @Test(arguments: [
        ([], "sources", "line", "-", "sources"), (["a"], "a", "w2 of a", "a", "here in a"),
        (["b"], "b", "line", "-", "sources"), (["a", "b"], "b", "w2 of a", "a", "here in a"),
        (["b", "a"], "b", "w2 of a", "a", "here in a"), (["hosts"], "sources", "line", "-", "sources"),
        (["nowhere"], "sources", "line", "-", "sources"),
    ])
    func onlyThoseBesideThePlaybookCount(
        _ beside: [String], _ w1: String, _ w2: String, _ only: String, _ here: String
    ) async throws {
        try await load(files, beside: ["a", "b"]) { inventory, folder in
            let view = inventory.beside(beside.map { "\(folder)/\($0)" })
            func value(_ host: String, _ name: String) throws -> String {
                try view.variables(of: HostName(host))[name]?.text ?? "-"
            }
            let found = [
                try value("w1", "v"), try value("w2", "v"), try value("w1", "only_a"), try value("localhost", "v"),
                try value("w1", "s"),
            ]
            #expect(found == [w1, w2, only, here, "sources"])
            // What was read for one view is there for the next.
            let next = view.beside([folder + "/a"]).variables(of: try HostName("w1"))
            #expect(next["v"] == .string("a"))
        }
    }

    @Test func groupsThatAPlaybookMadeHaveNoVariables() async throws {
        try await load(files, beside: ["a"]) { inventory, _ in
            let more = inventory.adding(groups: ["made": [try HostName("w1"), try HostName("new")]])
            #expect(more.variables(ofGroup: "made").isEmpty)
        }
    }

    @Test(
        arguments: [
            (
                ["a/group_vars/all.yml": "ansible_port: 22\n", "b/group_vars/web.yml": "ansible_port: 2222\n"],
                [
                    "b/group_vars/web.yml:1:1: ansible_port of w1, w2 is not what a/group_vars/all.yml:1:1 says; plays beside either go by "
                        + "their own, the pool by this one"
                ]
            ),
            (["a/group_vars/all.yml": "ansible_port: 22\n", "b/group_vars/web.yml": "ansible_port: 22\n"], []),
            (
                ["a/host_vars/w2.yml": "x: 1\nansible_user: me\n"],
                [
                    "a/host_vars/w2.yml:2:1: ansible_user of w2 counts for the plays beside it and for the pool, and not for those in b"
                ]
            ),
            (["a/group_vars/all.yml": "anything: 1\n", "b/group_vars/all.yml": "anything: 2\n"], []),
        ] as [([String: String], [String])])
    func playbooksThatDoNotAgreeHowHostsAreReachedAreTold(_ more: [String: String], _ wanted: [String]) async throws {
        let files = more.merging(["hosts/site.yml": "all: {children: {web: {hosts: {w1: {}, w2: {}}}}}"]) { $1 }
        try await load(files, beside: ["a", "b"]) { inventory, folder in
            let told = inventory.disagreements(on: inventory.hosts, beside: ["\(folder)/a", "\(folder)/b"])
            #expect(told.map { $0.replacing(folder + "/", with: "") } == wanted)
        }
    }
}
