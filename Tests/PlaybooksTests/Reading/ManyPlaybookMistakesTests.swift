import Fleet
import Foundation
import TestSupport
import Testing

@testable import Playbooks

/// Reading that goes on after a mistake tells of each, once, in playbooks, roles and templates.
@Suite struct ManyPlaybookMistakesTests {
    private static let files = [
        "site.yml": """
        - hosts: web
          strateg: free
          roles: [web, web, gone]
          tasks:
            - coppy: {}
            - block:
                - debug: {mgs: a}
                - debug: {msg: "{{ a | uper }}"}
              rescue:
                - command: id
                  wen: true
            - include_tasks: more.yml
            - command: id
              notify: nobody
        - import_playbook: gone.yml
        - hosts: lb
          tasks:
            - command: id
              notify: nobody
        """,
        "more.yml": "- file: {path: /a, sate: absent}\n- debug: {msg: fine}\n",
        "roles/web/tasks/main.yml": "- template: {src: page.j2, dest: /a}\n- template: {src: none.j2, dest: /a}\n",
        "roles/web/templates/page.j2": "{% if %}\n", "roles/web/handlers/main.yml": "- servce: {name: a}\n",
    ]

    @Test func ofEverythingThatIsRead() async throws {
        try await withTemporaryFolder { folder in
            for (name, text) in Self.files {
                let file = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            let log = MistakeLog()
            let playbooks = ["none.yml", "site.yml"].map { folder.appendingPathComponent($0).path }
            _ = try Playbook.load(files: playbooks, mistakes: log)
            let places = log.all.map { mistake in
                let place = mistake.location.map { "\(($0.file as NSString).lastPathComponent):\($0.line)" }
                return place ?? mistake.message.replacing(folder.path, with: "")
            }
            #expect(
                places.sorted() == [
                    "main.yml:1", "main.yml:2", "more.yml:1", "page.j2:1", "site.yml:11", "site.yml:15", "site.yml:19",
                    "site.yml:2", "site.yml:3", "site.yml:5", "site.yml:7", "site.yml:8",
                    "there is no playbook '/none.yml'",
                ], "\(log.all.map { "\($0.subject ?? ""): \($0.message)" })")
            let first = #expect(throws: InputError.self) { try Playbook.load(files: [playbooks[1]]) }
            #expect(first?.location?.line == 2, "without a log the first ends it")
        }
    }
}
