import ArgumentParser
import Fleet
import Foundation

/// A command that resolves its options, calls engines and drivers through `seams`, and renders what they answer.
protocol FleetCommand: AsyncParsableCommand {
    var talk: TalkOptions { get }
    func execute(_ seams: Seams) async throws -> ExitStatus
}

/// A command that lists things.
protocol ListingCommand: FleetCommand {
    var format: ListFormatOptions { get }
}

extension FleetCommand {
    /// The terminal as the command's options want it.
    /// - Throws: ``InputError`` for a log file that can't be written.
    func terminal() throws(InputError) -> Terminal {
        try talk.applied(to: .standard, in: ProcessInfo.processInfo.environment)
    }

    mutating func run() async throws {
        var seams = try Seams.live(talk)
        if let listing = self as? any ListingCommand { seams.terminal.tables = listing.format.style }
        async let _: Void = ProgressBeat.beat(seams.terminal)
        let status = try await execute(seams)
        if status != .done { throw ExitCode(status.rawValue) }
    }
}
