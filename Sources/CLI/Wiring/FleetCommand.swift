import ArgumentParser
import Fleet
import Foundation

/// A command that resolves its options, calls engines and drivers through `seams`, and renders what they answer.
protocol FleetCommand: AsyncParsableCommand {
    var talk: TalkOptions { get }
    func execute(_ seams: Seams) async throws -> ExitStatus
}

extension FleetCommand {
    /// The terminal as the command's options want it.
    /// - Throws: ``InputError`` for a log file that can't be written.
    func terminal() throws(InputError) -> Terminal {
        try talk.applied(to: .standard, in: ProcessInfo.processInfo.environment)
    }

    mutating func run() async throws {
        let seams = try Seams.live(talk)
        async let _: Void = ProgressBeat.beat(seams.terminal)
        let status = try await execute(seams)
        if status != .done { throw ExitCode(status.rawValue) }
    }
}
