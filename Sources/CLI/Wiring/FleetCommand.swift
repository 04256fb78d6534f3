import ArgumentParser

/// A command that resolves its options, calls engines and drivers through `seams`, and renders what they answer.
protocol FleetCommand: AsyncParsableCommand {
    func execute(_ seams: Seams) async throws -> ExitStatus
}

extension FleetCommand {
    mutating func run() async throws {
        let status = try await execute(.live)
        if status != .done { throw ExitCode(status.rawValue) }
    }
}
