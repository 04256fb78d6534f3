import Foundation

extension ThrowawaySSHD {
    /// An inventory in which hosts `h1`, `h2`, … are all this server, with its keys; `more` are lines added below it.
    public func inventory(hosts count: Int, _ more: String = "") throws -> String {
        let hosts = (1...count).map { "h\($0)" }.joined(separator: "\n")
        let text = """
            [all]
            \(hosts)

            [all:vars]
            ansible_host=127.0.0.1
            ansible_port=\(port)
            ansible_ssh_private_key_file=\(clientKey())
            ansible_ssh_common_args=-o UserKnownHostsFile=\(knownHosts)
            \(more)
            """
        let file = folder.appendingPathComponent("hosts.ini")
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }
}

/// What is done to a program when it has written something.
public struct Cue: Sendable {
    let text: String
    let act: @Sendable (pid_t) throws -> Void

    /// `signal` goes to the program once a line holds `text`.
    public init(_ signal: Int32, onceItSays text: String) {
        self.text = text
        act = { kill($0, signal) }
    }

    /// A file appears once a line of the program's output holds `text`.
    public init(file: String, onceItSays text: String) {
        self.text = text
        act = { _ in try Data().write(to: URL(fileURLWithPath: file)) }
    }
}
