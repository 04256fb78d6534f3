import ArgumentParser
import Fleet

/// A command that changes a stage, and may do so where nobody watches.
protocol StageChanging: FleetCommand {
    var unattended: UnattendedOptions { get }
    /// Where its report goes, and what it is called there; `nil` for a command without one.
    var report: (file: String, title: String)? { get }
}

extension StageChanging {
    var report: (file: String, title: String)? { nil }

    /// `terminal` as the command is to use it.
    func terminal(_ terminal: Terminal, in environment: [String: String]) -> Terminal {
        unattended.applies(in: environment) ? talk.coloured(terminal.unattended) : terminal
    }

    mutating func run() async throws {
        var seams = try Seams.live(talk)
        if unattended.applies(in: seams.environment) { seams = seams.unattended }
        seams.terminal = talk.coloured(seams.terminal)
        let terminal = seams.terminal
        if let report { seams.report = try JUnitRecord(report.file, report.title, mask: { terminal.redactor($0) }) }
        async let _: Void = Self.beat(terminal)
        async let _: Void = ProgressBeat.beat(terminal)
        let status = try await reported(seams)
        if status != .done { throw ExitCode(status.rawValue) }
    }

    private static func beat(_ terminal: Terminal) async {
        guard terminal.isUnattended else { return }
        await Heartbeat(clock: ContinuousClock(), silence: { terminal.silence }, say: { terminal.say($0) }).beat()
    }

    /// Does it, and writes its report however it ends.
    private func reported(_ seams: Seams) async throws -> ExitStatus {
        guard let report = seams.report else { return try await execute(seams) }
        do {
            let status = try await execute(seams)
            do {
                try report.end(status, seams.terminal.lastError?.error)
            } catch {
                seams.terminal.show(error)
                return status == .done ? .failed : status
            }
            return status
        } catch {
            // The first error is the one to tell.
            try? report.end(.failed, ErrorReport(error))
            throw error
        }
    }
}

extension Drover.RolloutCommand.Start: StageChanging {
    var report: (file: String, title: String)? { junit.file.map { ($0, "drover rollout") } }
}

extension Drover.Promote: StageChanging {
    var report: (file: String, title: String)? { junit.file.map { ($0, "drover promote") } }
}

extension Drover.Apply: StageChanging {
    var report: (file: String, title: String)? { junit.file.map { ($0, "drover apply") } }
}

extension Drover.RolloutCommand.Resume: StageChanging {}
extension Drover.Rollback: StageChanging {}
extension Drover.RestartUnits: StageChanging {}
extension Drover.StopUnits: StageChanging {}
extension Drover.StartUnits: StageChanging {}
