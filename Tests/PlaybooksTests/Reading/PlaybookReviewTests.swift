import Fleet
import Foundation
import TestSupport
import Testing

@testable import Playbooks

/// What is written well and is hardly what was meant.
@Suite struct PlaybookReviewTests {
    private func warnings(_ playbook: String, tags: [String] = [], skip: [String] = []) async throws -> [String] {
        try await withTemporaryFolder { folder in
            let file = folder.path + "/site.yml"
            try playbook.write(toFile: file, atomically: true, encoding: .utf8)
            let options = RunOptions(tags: tags, skipTags: skip)
            return try Playbook.load(files: [file]).review(options).map {
                ([$0.description.replacing(folder.path + "/", with: "")] + $0.hints).joined(separator: " | ")
            }
        }
    }

    @Test func aPlaybookWithoutPlaysIsTold() async throws {
        #expect(try await warnings("[]\n", tags: ["web"]) == ["the playbook has no play: nothing will be done"])
    }

    static let tagged = """
        - hosts: all
          tags: all_of_it
          tasks:
            - {ping: , tags: [nginx, config]}
            - block: [{ping: , tags: inner}]

        """

    @Test(arguments: ["nginx", "config", "inner", "all_of_it", "all", "tagged", "untagged", "always", "never"])
    func aTagThatSomethingHasIsNotTold(_ tag: String) async throws {
        #expect(try await warnings(Self.tagged, tags: [tag], skip: [tag]).isEmpty)
    }

    @Test func aTagThatNothingHasIsTold() async throws {
        #expect(
            try await warnings(Self.tagged, tags: ["ngnix", "config"], skip: ["zzz"])
                == ["no task has the tag 'ngnix' | did you mean 'nginx'?", "no task has the tag 'zzz'"])
    }

    @Test(arguments: [
        "- hosts: all\n  tasks: [{include_tasks: '{{ which }}.yml'}]\n",
        "- hosts: all\n  tasks: [{ping: , tags: '{{ names }}'}]\n",
    ])
    func whatIsKnownOnlyInTheRunIsNoMistake(_ playbook: String) async throws {
        #expect(try await warnings(playbook, tags: ["web"]).isEmpty)
    }

    @Test(arguments: ["644", "755", "600", "640", "700", "777", "750", "660", "664", "400", "440", "1777", "2755"])
    func aDecimalModeIsTold(_ digits: String) async throws {
        let task = "- hosts: all\n  tasks:\n    - file: {path: /x, state: touch, mode: \(digits)}\n"
        let told = try await warnings(task)
        #expect(told.count == 1, "\(told)")
        #expect(told.first?.hasPrefix("site.yml:3:7: 'mode' is the decimal number \(digits), which is 0") == true)
        #expect(told.first?.hasSuffix(#"| write an octal number in quotes: mode: "0\#(digits)""#) == true)
    }

    @Test(arguments: ["0644", "0755", "\"644\"", "'0600'", "0o640", "0440", "01777", "02755", "'u=rw,g=r'", "preserve"])
    func aModeThatIsMeantIsNotTold(_ text: String) async throws {
        #expect(try await warnings("- hosts: all\n  tasks: [{copy: {dest: /x, content: a, mode: \(text)}}]\n").isEmpty)
    }
}
