import Dispatch
import Fleet
import Foundation
import Glibc
import Synchronization
import Values

/// Private keys that were opened with their passphrase, in an ssh-agent of Drover's own.
///
/// Opening a key is slow on purpose (a fifth of a second); libssh2 would do it anew at each login. The agent ends with this
/// process, also when that is killed: it watches over a program that ends when the pipe from here does.
final class KeyRing: Sendable {
    /// What came of opening a key.
    enum Opening: Sendable {
        /// The agent signs with it.
        case opened(KeyAgent)
        case wrongPassphrase
        /// There is no ssh-agent on this machine, or it will not take the key.
        case unavailable
    }

    private struct Inside {
        var running: Running?
        var isImpossible = false
    }

    private struct Request: Hashable {
        let path: String
        let passphrase: Secret<String>
    }

    private let openings = Mutex<[Request: Task<Opening, Never>]>([:])
    /// Locked while a key is being opened, on ``queue`` alone.
    private let inside = Mutex(Inside())
    private let queue = DispatchQueue(label: "drover.keys")

    deinit { inside.withLock { $0.running?.end() } }

    /// Opens the key in a file; once for each passphrase, whoever asks, and on a thread that no loop needs.
    func open(_ path: String, with passphrase: Secret<String>) async -> Opening {
        let request = Request(path: path, passphrase: passphrase)
        let task = openings.withLock { openings in
            if let task = openings[request] { return task }
            // Shared by all who ask the same, so no caller's cancellation may end it.
            let task = Task.detached {
                await withCheckedContinuation { continuation in
                    self.queue.async { continuation.resume(returning: self.opening(of: request)) }
                }
            }
            openings[request] = task
            return task
        }
        return await task.value
    }

    private func opening(of request: Request) -> Opening {
        inside.withLock { inside in
            if inside.running == nil, !inside.isImpossible {
                inside.running = Running()
                inside.isImpossible = inside.running == nil
            }
            guard let running = inside.running else { return .unavailable }
            if let opening = running.add(request.path, request.passphrase) { return opening }
            // It hangs: nobody else is to wait for it.
            running.end(killing: true)
            (inside.running, inside.isImpossible) = (nil, true)
            return .unavailable
        }
    }

    /// An agent, and the program that watches over it and gives it keys.
    private struct Running {
        let folder: String
        let input: Int32
        let output: Int32
        let process: pid_t

        /// Starts an agent; `nil` when there is none to start.
        init?() {
            var template = Array("\(NSTemporaryDirectory())drover-keys-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil, let pipes = ProcessPipes() else { return nil }
            folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            var process: pid_t = 0
            let words = ["ssh-agent", "-a", folder + "/agent", "sh", "-c", Self.guardian, "sh", folder]
            let code = pipes.spawn(["/usr/bin/env"] + words, &process)
            pipes.closeFarEnds()
            close(pipes.errors.near)
            (input, output, self.process) = (pipes.input.near, pipes.output.near, process)
            for end in [input, output] { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) & ~O_NONBLOCK) }
            guard code == 0, readLine() != nil else {
                end()
                return nil
            }
        }

        /// Reads a path and a passphrase, a line each, has ssh-add open the key, and answers with ssh-add's status and whether
        /// it asked. ssh-add asks a program, which has an answer once; the passphrase stands in no argument and no variable
        /// of a process's environment. Ends with its standard input, and ends the agent.
        private static let guardian = """
            exec 2>/dev/null
            cd "$1" || exit
            printf '#!/bin/sh\\nmkdir asked && exec head -n 1 word\\n' >ask
            chmod 700 ask && mkfifo -m 600 word || exit
            export SSH_ASKPASS="$1/ask" SSH_ASKPASS_REQUIRE=force DISPLAY=:0
            echo
            while IFS= read -r path && IFS= read -r word; do
            printf '%s\\n' "$word" >word &
            ssh-add -q "$path" </dev/null >/dev/null
            s=$?
            kill $!; wait $!
            if rmdir asked; then echo "$s asked"; else echo "$s"; fi
            done
            kill "$SSH_AGENT_PID"
            rm -rf -- "$1"
            """

        /// - Returns: `nil` when no answer came.
        func add(_ path: String, _ passphrase: Secret<String>) -> Opening? {
            let path = URL(fileURLWithPath: HomeFolder.expanding(path)).path
            let lines = "\(path)\n\(passphrase.reveal())\n"
            let isTwoLines = lines.utf8.count(where: { $0 == UInt8(ascii: "\n") }) == 2
            guard isTwoLines, lines.utf8.count < Int(PIPE_BUF),
                write(input, lines, lines.utf8.count) == lines.utf8.count
            else { return .unavailable }
            switch readLine() {
            case "0", "0 asked": return .opened(KeyAgent(path: folder + "/agent"))
            case let answer? where answer.hasSuffix("asked"): return .wrongPassphrase
            case .some: return .unavailable
            case nil: return nil
            }
        }

        /// How long ssh-add may take for a key: those with very many rounds take seconds.
        private static let patience: Int32 = 60_000

        private func readLine() -> String? {
            var line: [UInt8] = []
            var byte: UInt8 = 0
            var wanted = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            while poll(&wanted, 1, Self.patience) > 0, read(output, &byte, 1) == 1 {
                if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
                line.append(byte)
            }
            return nil
        }

        func end(killing isHung: Bool = false) {
            if isHung, process > 0 { kill(-process, SIGKILL) }
            close(input)
            close(output)
            var status: Int32 = 0
            while process > 0, waitpid(process, &status, 0) < 0, errno == EINTR {}
            // The guardian has taken it away, unless it never ran.
            try? FileManager.default.removeItem(atPath: folder)
        }
    }
}
