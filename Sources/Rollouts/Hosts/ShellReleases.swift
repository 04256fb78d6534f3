public import Fleet
import Values

/// Changes releases with POSIX shell scripts over each host's transport.
public struct ShellReleases: ReleaseControl {
    /// Gives the transport to a host.
    public typealias Dial = @Sendable (HostName) async throws(TransportError) -> any Transport
    /// Finds a build's file on this machine, or has it brought here; `nil` when it is not here.
    public typealias FindBuild = @Sendable (BuildDigest) async throws -> StoredBuild?

    /// Finds the settings that a build is to have.
    public typealias FindSettings = @Sendable (SettingsID) async throws -> SettingsFile

    let layout: ReleaseLayout
    private let pool: Pool
    private let questions: [HostQuestion]?
    let script: ReleaseScript
    private let dial: Dial
    private let findBuild: FindBuild
    private let findSettings: FindSettings
    /// How only what differs is sent; `nil` where the whole always is.
    let delivery: DeltaDelivery?

    /// - Parameters:
    ///   - pool: Where each host's service listens and how it is asked.
    ///   - token: The lease's fencing token.
    public init(
        layout: ReleaseLayout, pool: Pool, token: Int64, dial: @escaping Dial, findBuild: @escaping FindBuild,
        findSettings: @escaping FindSettings = ShellReleases.noSettings
    ) {
        self.init(
            layout, pool, nil, token: token, dial: dial, findBuild: findBuild, findSettings: findSettings,
            delivery: nil)
    }

    /// - Parameter delivery: How only what differs is sent; `nil` where the whole always is.
    init(
        layout: ReleaseLayout, pool: Pool, token: Int64, dial: @escaping Dial, findBuild: @escaping FindBuild,
        findSettings: @escaping FindSettings = ShellReleases.noSettings, delivery: DeltaDelivery?
    ) {
        self.init(
            layout, pool, nil, token: token, dial: dial, findBuild: findBuild, findSettings: findSettings,
            delivery: delivery)
    }

    /// - Parameters:
    ///   - questions: How a host is found well, where that is not the pool's check.
    ///   - delivery: How only what differs is sent; `nil` where the whole always is.
    init(
        _ layout: ReleaseLayout, _ pool: Pool, _ questions: [HostQuestion]?, token: Int64, dial: @escaping Dial,
        findBuild: @escaping FindBuild, findSettings: @escaping FindSettings, delivery: DeltaDelivery?
    ) {
        self.delivery = delivery
        self.findSettings = findSettings
        self.layout = layout
        self.pool = pool
        self.questions = questions
        self.dial = dial
        self.findBuild = findBuild
        script = ReleaseScript(layout: layout, token: token)
    }

    /// Finds no settings.
    public static let noSettings: FindSettings = { throw StageError.missingSettings($0) }

    /// Asks the host what it runs.
    public func survey(_ host: HostName) async throws(RolloutError) -> HostSurvey {
        let result = try await run(script.survey, on: host, deadline: .seconds(30))
        try expectSuccess(result, host, doing: "asking what it runs")
        return HostSurvey(parsing: result.text)
    }

    // MARK: bringing

    /// Uploads, verifies and unpacks the release unless it is there.
    ///
    /// - Throws: ``RolloutError`` also when the host has no room for it, or a unit starts a program that is not in it.
    public func deliver(
        _ release: ReleaseID, of digest: BuildDigest?, to host: HostName
    ) async throws(RolloutError) -> String {
        let found = try await run(script.prepare(digest, release), on: host)
        if found.status == ReleaseScript.Status.settingsUnread { throw settingsUnread(host) }
        try expectSuccess(found, host, doing: "making room for release \(release)")
        let lines = found.text.split(whereSeparator: \.isNewline)
        let programs = UnitPrograms(parsing: lines, root: layout.root)
        if lines.last == "present" {
            if !programs.starts.isEmpty {
                let verified = try await run(script.verify(release, programs: programs.starts), on: host)
                try explainUnpacking(verified, release, programs, host)
            }
            return "already there"
        }
        let settings = try await settings(of: release, for: host)
        if lines.last == "archived", let digest {
            let unpacked = try await unpack(digest, release, nil, settings, programs, on: host)
            if unpacked.status != ReleaseScript.Status.corrupt {
                try explainUnpacking(unpacked, release, programs, host)
                return "unpacked from what is there"
            }
        }
        let build = try await find(digest, release, for: host)
        if let patched = try await patched(build, lines, on: host) {
            let unpacked = try await unpack(
                digest ?? build.digest, release, patched.build, settings, programs, on: host)
            try explainUnpacking(unpacked, release, programs, host)
            return patched.note
        }
        try await makeRoom(for: build, digest, release, lines, on: host)
        try await upload(build.path, to: layout.incoming(build.digest), on: host)
        let unpacked = try await unpack(digest ?? build.digest, release, build, settings, programs, on: host)
        try explainUnpacking(unpacked, release, programs, host)
        return "uploaded, verified and unpacked"
    }

    private func unpack(
        _ build: BuildDigest, _ release: ReleaseID, _ stored: StoredBuild?, _ settings: SettingsFile?,
        _ programs: UnitPrograms, on host: HostName
    ) async throws(RolloutError) -> CommandResult {
        try await run(
            script.unpack(build, release, stored, programs: programs.starts), on: host,
            input: settings?.text.reveal() ?? "", deadline: Self.patience(for: stored), isConfidential: settings != nil)
    }

    private func makeRoom(
        for build: StoredBuild, _ digest: BuildDigest?, _ release: ReleaseID, _ lines: [Substring], on host: HostName
    ) async throws(RolloutError) {
        guard let refusal = refusal(of: build, lines) else { return }
        let again = try await run(script.prepare(digest, release, isShort: true), on: host)
        try expectSuccess(again, host, doing: "making room for release \(release)")
        guard self.refusal(of: build, again.text.split(whereSeparator: \.isNewline)) != nil else { return }
        throw RolloutError(
            .command, host: host, refusal,
            hints: ["see what fills it: df -h \(layout.root); du -xah -d 1 \(layout.root)/releases"])
    }

    private func find(
        _ digest: BuildDigest?, _ release: ReleaseID, for host: HostName
    ) async throws(RolloutError) -> StoredBuild {
        do {
            if let digest, let build = try await findBuild(digest.file) { return build }
        } catch {
            let report = ErrorReport(error)
            throw RolloutError(.command, host: host, report.message, hints: report.hints)
        }
        throw RolloutError(
            .command, host: host, "release \(release) is not there, nor is its build in the store",
            hints: ["add its file again: drover build add FILE"])
    }

    private func settings(of release: ReleaseID, for host: HostName) async throws(RolloutError) -> SettingsFile? {
        guard let settings = release.settings else { return nil }
        do { return try await findSettings(settings) } catch {
            let report = ErrorReport(error)
            throw RolloutError(.command, host: host, report.message, hints: report.hints)
        }
    }

    private func refusal(of build: StoredBuild, _ lines: [Substring]) -> String? {
        build.extent.flatMap { HostRoom(parsing: lines).refusal(of: $0) }
    }

    /// Two minutes, and a second for each 4 MiB that are unpacked.
    private static func patience(for build: StoredBuild?) -> Duration {
        .seconds(120 + min(3600, (build?.extent?.unpacked ?? 1 << 31) >> 22))
    }

    func upload(_ file: String, to path: String, on host: HostName) async throws(RolloutError) {
        do throws(TransportError) {
            try await dial(host).upload(file, to: path, mode: 0o600, privilege: layout.privilege)
        } catch {
            // A full disk must not stay full for the service that runs; the upload's failure is the one to tell.
            if error.code == .uploadFailed { _ = try? await run(script.discard, on: host) }
            throw RolloutError(error)
        }
    }

    // MARK: switching

    /// Switches and restarts, or stops with `nil`.
    public func activate(
        _ release: ReleaseID?, on host: HostName, revertAfter: Duration?
    ) async throws(RolloutError) {
        let seconds = revertAfter.map { max(1, Int($0.components.seconds)) }
        let text = release.map { script.activate($0, revertAfter: seconds) } ?? script.deactivate
        let result = try await run(text, on: host)
        guard result.status != ReleaseScript.Status.missing else {
            throw RolloutError(.command, host: host, "release \(release?.description ?? "") is not on the host")
        }
        try expectSuccess(result, host, doing: "switching to release \(release?.description ?? "none")")
    }

    /// Polls the service on the host itself.
    public func check(
        _ release: ReleaseID, on host: HostName, patience: Duration
    ) async throws(RolloutError) -> String {
        let check = HealthQuestions(
            try asked(host), seconds: max(1, Int(patience.components.seconds)), layout: layout)
        let result = try await run(
            check.script(release: release), on: host, deadline: patience * check.questions.count + .seconds(20))
        if result.succeeded { return result.text.lines.joined(separator: "; ") }
        if result.status == ReleaseScript.Status.reverted { throw reverted(host, to: result.text) }
        throw check.error(on: host, result)
    }

    /// What the host is asked to find out whether its service is well.
    private func asked(_ host: HostName) throws(RolloutError) -> [HealthQuestions.Question] {
        guard let member = pool.members.first(where: { $0.host == host }) else {
            throw RolloutError(.command, host: host, "pool \(pool.name) has no such member")
        }
        let usual = [HostQuestion.page(port: member.port, path: pool.check.asked, expect: pool.check.expect)]
        return (questions ?? usual).map { HealthQuestions.Question($0, at: member.address) }
    }

    /// Asks how the service is now.
    public func inspect(_ host: HostName) async throws(RolloutError) -> HostCondition {
        // A service that is busy for a moment is asked again before it counts as ill.
        let check = HealthQuestions(try asked(host), seconds: 2, layout: layout)
        let question = ConditionScript(layout: layout, health: check)
        let result = try await run(question.script, on: host, deadline: .seconds(15))
        try expectSuccess(result, host, doing: "asking how it is")
        return HostCondition(parsing: result.text)
    }

    /// Asks the service on the host itself for a page, once.
    /// - Returns: The first line of the answer: its status and reason, or why there is none.
    public func get(_ path: String, port: Int, on host: HostName) async throws(RolloutError) -> String {
        guard let member = pool.members.first(where: { $0.host == host }) else {
            throw RolloutError(.command, host: host, "pool \(pool.name) has no such member")
        }
        let probe = HealthScript(address: member.address, port: port, path: path, expect: 100...599, seconds: 0)
        let result = try await run(probe.command, on: host, deadline: .seconds(15))
        return result.text.lines.first ?? "no answer"
    }

    /// Runs a script that changes nothing; see ``ReleaseControl``.
    public func ask(_ script: String, on host: HostName) async throws(RolloutError) -> String {
        let result = try await run(script, on: host, deadline: .seconds(60))
        try expectSuccess(result, host, doing: "asking it")
        return result.text
    }

    /// Ends the wait on the host and prunes.
    public func confirm(_ release: ReleaseID, on host: HostName) async throws(RolloutError) {
        let result = try await run(script.confirm(release), on: host)
        if result.status == ReleaseScript.Status.reverted { throw reverted(host, to: result.text) }
        try expectSuccess(result, host, doing: "confirming release \(release)")
    }

    private func reverted(_ host: HostName, to text: String) -> RolloutError {
        let found = ReleaseID(text.stripped).map { "is back at release \($0)" } ?? "has no release any more"
        return RolloutError(.reverted, host: host, found)
    }

    func transport(to host: HostName) async throws(TransportError) -> any Transport { try await dial(host) }

    func run(
        _ script: String, on host: HostName, input: String = "", deadline: Duration = .seconds(120),
        isConfidential: Bool = false
    ) async throws(RolloutError) -> CommandResult {
        do throws(TransportError) {
            var command = RemoteCommand(
                shell: script, privilege: layout.privilege, input: Array(input.utf8), deadline: deadline)
            command.isConfidential = isConfidential
            return try await dial(host).run(command, outputLimit: .mebibytes(1))
        } catch {
            throw RolloutError(error)
        }
    }
}

// MARK: what went wrong

extension ShellReleases {
    private func explainUnpacking(
        _ result: CommandResult, _ release: ReleaseID, _ programs: UnitPrograms, _ host: HostName
    ) throws(RolloutError) {
        switch result.status {
        case ReleaseScript.Status.corrupt:
            throw RolloutError(
                .command, host: host,
                "the build arrived with digest \(result.text.prefix(12)) instead of \(release)",
                hints: ["is the host's disk sound? run it again"])
        case ReleaseScript.Status.toolMissing:
            throw RolloutError(
                .command, host: host, "the build is packed with zstd, and the host has no zstd",
                hints: ["install zstd in the playbook, or pack the build as .tar.gz"])
        case ReleaseScript.Status.programMissing: throw programFault(result, programs, host)
        default: try expectSuccess(result, host, doing: "unpacking release \(release)")
        }
    }

    private func settingsUnread(_ host: HostName) -> RolloutError {
        let units = layout.units.joined(separator: ", ")
        return RolloutError(
            .command, host: host, "the service has settings (env:), and none of its units reads them: \(units)",
            hints: ["have the playbook add to [Service]: EnvironmentFile=-\(layout.root)/current/\(SettingsFile.name)"])
    }

    private func programFault(_ result: CommandResult, _ programs: UnitPrograms, _ host: HostName) -> RolloutError {
        let lines = result.text.lines
        let path = lines.first ?? ""
        let unit = programs.starts.first { $0.path == path }?.unit ?? "a unit"
        let fault = lines.dropFirst().first ?? ""
        var hints = ["put \(path) into the build, or change what \(unit) starts"]
        if fault.hasPrefix("nested "), let folder = fault.dropFirst(7).split(separator: "/").first {
            hints = [
                "it lies in \(folder)/ there: pack that folder's content: tar -C \(folder) -czf build.tar.gz ."
            ]
        }
        if fault == "not-executable" { hints = ["chmod +x \(path), and pack the build again"] }
        let lack = fault == "not-executable" ? "is not executable in the build" : "is not in the build"
        return RolloutError(
            .command, host: host, "\(unit) starts \(layout.root)/current/\(path), which \(lack)", hints: hints)
    }

    func expectSuccess(
        _ result: CommandResult, _ host: HostName, doing: String
    ) throws(RolloutError) {
        let said = result.text.stripped
        switch result.status {
        case 0: return
        case ReleaseScript.Status.fenced:
            throw RolloutError(
                .fenced, host: host, "another controller has taken over: the host has seen its token \(said)",
                hints: ["see what it does: drover status"])
        case ReleaseScript.Status.newer:
            throw RolloutError(
                .newer, host: host,
                "a newer Drover changed it: its state has format \(said), and this version knows \(HostNotes.format)",
                hints: ["use that version, or one after it"])
        case ReleaseScript.Status.fenceDamaged:
            let (path, text) = (result.text.lines.first ?? "", result.text.lines.dropFirst().first ?? "")
            throw RolloutError(
                .command, host: host, "\(path) is damaged: it holds '\(text)' and no number",
                hints: ["make sure that no other controller is at work, and remove that file on the host"])
        case ReleaseScript.Status.unwritable:
            // The program's name and the path that is told already are taken off: `cat: write error: …`.
            let reason = result.errorText.lines.last?.split(separator: ": ").last.map(String.init) ?? "no reason given"
            throw RolloutError(
                .command, host: host, "cannot write \(result.text.lines.last ?? layout.stateFolder): \(reason)",
                hints: ["see whether its disk is full or read-only: df -h \(layout.stateFolder); df -i, mount"])
        default:
            let lines = (result.text.lines + result.errorText.lines).suffix(20)
            throw RolloutError(
                .command, host: host,
                "\(doing) failed with status \(result.status): \(lines.last ?? "nothing was said")",
                detail: lines.dropLast())
        }
    }
}
