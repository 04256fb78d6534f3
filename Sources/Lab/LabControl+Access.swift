public import Fleet

extension LabControl {
    /// The program and arguments that log into `name` with the installed OpenSSH client.
    /// - Throws: ``LabError`` `.notUp` when the lab has no such host.
    public func sshWords(_ name: HostName) throws(LabError) -> [String] {
        let (_, hosts) = try find([name])
        return hosts.flatMap { host in
            [
                "ssh", "-F", "none", "-i", identity.identityFile, "-o", "IdentitiesOnly=yes", "-o",
                "UserKnownHostsFile=\"\(identity.knownHostsFile)\"", "-o", "StrictHostKeyChecking=yes",
                "-p", String(host.port), "\(host.user)@\(host.address)",
            ]
        }
    }

    /// The program and arguments that run `words` as root inside `name`, within its limits, also when its SSH does not answer.
    /// - Throws: ``LabError`` `.notUp` when the lab has no such host, or it does not run; `.stuck` without control groups.
    public func execWords(_ name: HostName, _ words: [String]) throws(LabError) -> [String] {
        let (_, hosts) = try find([name])
        guard let machine = hosts.first.map({ HostMachine(identity: identity, host: $0) }), let leader = machine.leader
        else {
            throw LabError(.notUp, host: name, "it is switched off", hints: ["switch it on: drover lab on \(name)"])
        }
        let groups = try machine.visitors()
        return ["sh", "-c", Self.joining, "drover-lab", String(groups.count)] + groups + [
            "nsenter", "--target", String(leader), "--all", "--wdns=/", "--", "env", "-i", "HOME=/root",
            "LANG=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm",
        ] + words
    }

    private static let joining = """
        left=$1
        shift
        while [ "$left" -gt 0 ]; do
            echo $$ >"$1/cgroup.procs" || exit
            shift
            left=$((left - 1))
        done
        exec "$@"
        """

    /// Runs `words` as root inside `name`, also when its SSH does not answer.
    /// - Throws: ``LabError`` `.notUp` when the lab has no such host, or it does not run.
    public func run(_ words: [String], on name: HostName) async throws(LabError) -> CommandResult {
        let began = ContinuousClock.now
        let answer = try await Tool(execWords(name, words)).finish()
        return CommandResult(
            status: answer.status, output: Array(answer.output.utf8), errors: Array(answer.errors.utf8),
            elapsed: .now - began)
    }
}
