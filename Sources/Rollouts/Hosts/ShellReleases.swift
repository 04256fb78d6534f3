public import Fleet

/// Changes releases with POSIX shell scripts over each host's transport.
public struct ShellReleases: ReleaseControl {
    /// Gives the transport to a host.
    public typealias Dial = @Sendable (HostName) async throws(TransportError) -> any Transport
    /// Finds a build's file on this machine; `nil` when it is not here.
    public typealias FindBuild = @Sendable (ReleaseID) async -> StoredBuild?

    private let layout: ReleaseLayout
    private let pool: Pool
    private let script: ReleaseScript
    private let dial: Dial
    private let findBuild: FindBuild

    /// - Parameters:
    ///   - pool: Where each host's service listens and how it is asked.
    ///   - token: The lease's fencing token.
    public init(
        layout: ReleaseLayout, pool: Pool, token: Int64, dial: @escaping Dial, findBuild: @escaping FindBuild
    ) {
        self.layout = layout
        self.pool = pool
        self.dial = dial
        self.findBuild = findBuild
        script = ReleaseScript(layout: layout, token: token)
    }

    /// Asks the host what it runs.
    public func survey(_ host: HostName) async throws(RolloutFault) -> HostSurvey {
        let result = try await run(script.survey, on: host, deadline: .seconds(30))
        try expectSuccess(result, host, doing: "asking what it runs")
        return HostSurvey(parsing: result.text)
    }

    /// Uploads, verifies and unpacks the release unless it is there.
    public func stage(_ release: ReleaseID, on host: HostName) async throws(RolloutFault) -> String {
        let found = try await run(script.prepare(release), on: host)
        try expectSuccess(found, host, doing: "making room for release \(release)")
        if found.text.hasPrefix("present") { return "already there" }
        guard let build = await findBuild(release) else {
            throw RolloutFault(
                .command, host: host, "release \(release) is not there, nor is its build in the store",
                hints: ["add its file again: drover build add FILE"])
        }
        do throws(TransportError) {
            try await dial(host).upload(
                build.path, to: layout.incoming(build.digest), mode: 0o600, privilege: layout.privilege)
        } catch {
            throw RolloutFault(error)
        }
        let unpacked = try await run(script.unpack(build), on: host)
        try explainUnpacking(unpacked, build, host)
        return "uploaded, verified and unpacked"
    }

    private func explainUnpacking(
        _ result: CommandResult, _ build: StoredBuild, _ host: HostName
    ) throws(RolloutFault) {
        switch result.status {
        case ReleaseScript.Status.corrupt:
            throw RolloutFault(
                .command, host: host,
                "the build arrived with digest \(result.text.prefix(12)) instead of "
                    + "\(build.digest.release)", hints: ["is the host's disk sound? run it again"])
        case ReleaseScript.Status.toolMissing:
            throw RolloutFault(
                .command, host: host, "the build is packed with zstd, and the host has no zstd",
                hints: ["install zstd in the playbook, or pack the build as .tar.gz"])
        default: try expectSuccess(result, host, doing: "unpacking release \(build.digest.release)")
        }
    }

    /// Switches and restarts, or stops with `nil`.
    public func activate(
        _ release: ReleaseID?, on host: HostName, revertAfter: Duration?
    ) async throws(RolloutFault) {
        let seconds = revertAfter.map { max(1, Int($0.components.seconds)) }
        let text = release.map { script.activate($0, revertAfter: seconds) } ?? script.deactivate
        let result = try await run(text, on: host)
        guard result.status != ReleaseScript.Status.missing else {
            throw RolloutFault(.command, host: host, "release \(release?.description ?? "") is not on the host")
        }
        try expectSuccess(result, host, doing: "switching to release \(release?.description ?? "none")")
    }

    /// Polls the service on the host itself.
    public func check(
        _ release: ReleaseID, on host: HostName, patience: Duration
    ) async throws(RolloutFault) -> String {
        guard let member = pool.members.first(where: { $0.host == host }) else {
            throw RolloutFault(.command, host: host, "pool \(pool.name) has no such member")
        }
        let seconds = max(1, Int(patience.components.seconds))
        let probe = HealthScript(
            address: member.address, port: member.port, path: pool.check.path, seconds: seconds)
        let result = try await run(
            probe.script(layout, release: release), on: host, deadline: patience + .seconds(20))
        if result.succeeded { return result.text.trimmed }
        if result.status == ReleaseScript.Status.reverted { throw reverted(host, to: result.text) }
        let lines = result.text.lines
        throw RolloutFault(
            .unhealthy, host: host,
            "not healthy after \(seconds) s: GET \(pool.check.path) gives \(lines.first ?? "nothing")",
            detail: Array(lines.dropFirst().suffix(24)))
    }

    /// Ends the wait on the host and prunes.
    public func confirm(_ release: ReleaseID, on host: HostName) async throws(RolloutFault) {
        let result = try await run(script.confirm(release), on: host)
        if result.status == ReleaseScript.Status.reverted { throw reverted(host, to: result.text) }
        try expectSuccess(result, host, doing: "confirming release \(release)")
    }

    private func reverted(_ host: HostName, to text: String) -> RolloutFault {
        let found = ReleaseID(text.trimmed).map { "is back at release \($0)" } ?? "has no release any more"
        return RolloutFault(.reverted, host: host, found)
    }

    private func run(
        _ script: String, on host: HostName, deadline: Duration = .seconds(120)
    ) async throws(RolloutFault) -> CommandResult {
        do throws(TransportError) {
            let command = RemoteCommand(shell: script, privilege: layout.privilege, deadline: deadline)
            return try await dial(host).run(command, outputLimit: .mebibytes(1))
        } catch {
            throw RolloutFault(error)
        }
    }

    private func expectSuccess(
        _ result: CommandResult, _ host: HostName, doing: String
    ) throws(RolloutFault) {
        if result.succeeded { return }
        if result.status == ReleaseScript.Status.fenced {
            throw RolloutFault(
                .fenced, host: host,
                "another controller has taken over: the host has seen its token \(result.text.trimmed)",
                hints: [
                    "see what it does: drover status",
                    "if the journal was lost, remove \(layout.stateFolder)/fence on the host",
                ])
        }
        let lines = (result.text.lines + result.errorText.lines).suffix(20)
        throw RolloutFault(
            .command, host: host, "\(doing) failed with status \(result.status): \(lines.last ?? "nothing was said")",
            detail: lines.dropLast())
    }
}

extension HostSurvey {
    /// Reads what the survey script printed.
    init(parsing text: String) {
        self.init()
        for line in text.lines {
            guard let (key, value) = line.cut(at: "=") else { continue }
            switch key {
            case "release": release = ReleaseID(value)
            case "digest": digest = value.isEmpty ? nil : value
            case "unconfirmed": isUnconfirmed = !value.isEmpty
            case "unit":
                if let (unit, state) = value.cut(at: " ") { units[unit] = state }
            default: break
            }
        }
        isUnconfirmed = isUnconfirmed && release != nil
    }
}

extension String {
    /// Lines that are not empty.
    fileprivate var lines: [String] { split(whereSeparator: \.isNewline).map(String.init) }

    /// The text without white space at its ends.
    fileprivate var trimmed: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text.drop(while: \.isWhitespace))
    }

    fileprivate func cut(at separator: Character) -> (String, String)? {
        guard let index = firstIndex(of: separator) else { return nil }
        return (String(self[..<index]), String(self[self.index(after: index)...]))
    }
}
