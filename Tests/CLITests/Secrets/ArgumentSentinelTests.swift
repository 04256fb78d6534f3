import Foundation
import Synchronization
import TestSupport
import Testing

/// Every program that runs on a host while a playbook does is looked at: no secret stands among its arguments, where all users of
/// the host could see it.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .sshd)
struct ArgumentSentinelTests {
    private static let secret = "sentinel-\(UInt32.random(in: 100_000...999_999))"

    /// Runs a play over SSH, while somebody looks.
    private func run(_ tasks: String, extra: [String: String] = [:]) async throws -> (Transcript, seen: [String]) {
        try await ThrowawaySSHD.with { server in
            let inventory = try server.inventory(hosts: 1, "ansible_user=root")
            let play = "- hosts: all\n  gather_facts: false\n  tasks:\n" + tasks
            try play.write(toFile: server.folder.path + "/play.yml", atomically: true, encoding: .utf8)
            // By a file: what is given to Drover itself is not what is looked for.
            let variables = extra.merging(["secret": Self.secret, "dir": server.folder.path]) { $1 }
            let lines = variables.map { "\($0.key): '\($0.value)'" }.joined(separator: "\n")
            try lines.write(toFile: server.folder.path + "/vars.yml", atomically: true, encoding: .utf8)
            let watch = try ArgumentWatch(for: Self.secret, in: server.folder)
            let drover = DroverProgram(in: server.folder, environment: ["DROVER_SSH_CONFIG": "none"])
            let transcript = try await drover.run(["apply", "play.yml", "-i", inventory, "-e", "@vars.yml"])
            return (transcript, watch.stop())
        }
    }

    @Test func passwordsOfUsers() async throws {
        let name = "drv\(UInt32.random(in: 100_000...999_999))"
        defer { _ = try? Process.run(URL(fileURLWithPath: "/usr/sbin/userdel"), arguments: ["-rf", name]) }
        let hash = "$6$salt$\(Self.secret)"
        let (transcript, seen) = try await run(
            """
                - user: {name: "{{ name }}", home: "{{ dir }}/home", password: "{{ hash }}", generate_ssh_key: true,
                    ssh_key_passphrase: "{{ secret }}", ssh_key_type: ed25519}
                  register: made
                - user: {name: "{{ name }}", home: "{{ dir }}/home", password: "{{ hash }}", generate_ssh_key: true,
                    ssh_key_passphrase: "{{ secret }}", ssh_key_type: ed25519}
                  register: same
                - assert: {that: [made is changed, same is not changed]}
                - user: {name: "{{ name }}", home: "{{ dir }}/home", password: "{{ hash }}x", password_lock: true}
                - shell: "getent shadow {{ name }} | cut -d: -f2"
                  register: shadow
                - assert:
                    that: shadow.stdout == "!" ~ hash ~ "x"
                - shell: ssh-keygen -y -P '' -f {{ dir }}/home/.ssh/id_ed25519
                  register: unlocked
                  failed_when: unlocked.rc == 0

            """, extra: ["name": name, "hash": hash])
        #expect(transcript.status == 0, "\(transcript.output) \(transcript.errors)")
        #expect(seen == [])
    }

    @Test func passwordsOfRequests() async throws {
        // It accepts connections and answers nothing, so that whoever asks is there to be seen.
        let listener = try SilentListener()
        let (transcript, seen) = try await run(
            """
                - uri: {url: "http://127.0.0.1:{{ port }}/?token={{ secret }}", url_username: u, url_password: "{{ secret }}",
                    headers: {X-Token: "{{ secret }}"}, body: "{{ secret }}", method: POST, timeout: 1}
                  ignore_errors: true
                - uri: {url: "http://me:{{ secret }}@127.0.0.1:{{ port }}/", timeout: 1}
                  ignore_errors: true
                - get_url: {url: "http://me:{{ secret }}@127.0.0.1:{{ port }}/f?{{ secret }}", dest: "{{ dir }}/f",
                    headers: {X-Token: "{{ secret }}"}, timeout: 1}
                  ignore_errors: true
                  timeout: 2
                - unarchive: {src: "http://me:{{ secret }}@127.0.0.1:{{ port }}/f.tar", dest: "{{ dir }}", remote_src: true}
                  ignore_errors: true
                  timeout: 2

            """, extra: ["port": "\(listener.port)"])
        #expect(transcript.status == 0, "\(transcript.output) \(transcript.errors)")
        #expect(listener.wasConnectedTo())
        #expect(seen == [])
    }

    @Test func contentsAndEnvironments() async throws {
        let (transcript, seen) = try await run(
            """
                - copy: {content: "{{ secret }}", dest: "{{ dir }}/a"}
                - lineinfile: {path: "{{ dir }}/a", line: "word {{ secret }}", regexp: "^{{ secret }}"}
                - blockinfile: {path: "{{ dir }}/a", block: "{{ secret }}"}
                - replace: {path: "{{ dir }}/a", regexp: "{{ secret }}", replace: "{{ secret }}!"}
                - command: sh {{ dir }}/\(ArgumentWatch.waiter)
                  args: {stdin: "{{ secret }}"}
                  environment: {WORD: "{{ secret }}"}
                - shell: sh {{ dir }}/\(ArgumentWatch.waiter); test "$WORD" = "$(cat)"
                  args: {stdin: "{{ secret }}", stdin_add_newline: false}
                  environment: {WORD: "{{ secret }}"}

            """)
        #expect(transcript.status == 0, "\(transcript.output) \(transcript.errors)")
        #expect(seen == [])
    }

    /// The watch itself: it sees a program that runs for a moment.
    @Test func theWatchSees() async throws {
        try await withTemporaryFolder { folder in
            let watch = try ArgumentWatch(for: Self.secret, in: folder)
            let done = try await DroverProgram.run(["sh", folder.path + "/" + ArgumentWatch.waiter, Self.secret])
            #expect(done.status == 0, "\(done.errors)")
            #expect(watch.stop().contains { $0.contains(Self.secret) })
        }
    }
}

/// Looks at the arguments of all processes, over and over, on a thread of its own.
private final class ArgumentWatch: Sendable {
    private let isOver = Atomic<Bool>(false)
    private let lines = Mutex<Set<String>>([])
    private let ended = DispatchSemaphore(value: 0)

    /// A script beside the watch that ends once whoever ran with it has been looked at.
    static let waiter = "wait-to-be-seen.sh"

    init(for word: String, in folder: URL) throws {
        let count = folder.appendingPathComponent("looks")
        try "0".write(to: count, atomically: true, encoding: .utf8)
        // The look that is under way may have missed it; the one after the next is over can't have.
        let script = """
            looks='\(count.path)'
            first=$(cat "$looks")
            while [ "$(cat "$looks")" -lt $((first + 2)) ]; do sleep 0.01; done
            """
        try script.write(to: folder.appendingPathComponent(Self.waiter), atomically: true, encoding: .utf8)
        let thread = Thread { [self] in
            var looks = 0
            while !isOver.load(ordering: .relaxed) {
                look(for: word)
                looks += 1
                // Whoever waits for it would wait in vain, which the test's time limit ends.
                try? "\(looks)".write(to: count, atomically: true, encoding: .utf8)
            }
            ended.signal()
        }
        thread.start()
    }

    /// Ends the watch; gives the command lines that held the word.
    func stop() -> [String] {
        isOver.store(true, ordering: .relaxed)
        ended.wait()
        return lines.withLock { $0.sorted() }
    }

    private func look(for word: String) {
        // A folder that cannot be listed would show in `theWatchSees`.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        where name.first?.isNumber == true {
            guard let bytes = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else { continue }
            let line = String(decoding: bytes, as: UTF8.self)
            if line.contains(word) { lines.withLock { _ = $0.insert(line) } }
        }
    }
}
