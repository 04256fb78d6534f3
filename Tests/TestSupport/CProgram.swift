public import Foundation
public import Testing

/// A small program in C that stands for something of the outside, made where a test needs it.
public enum CProgram: String, Sendable {
    /// Has a program's wall clock go wrong; preloaded.
    case clock
    /// Answers as hosts of the lab did; started in place of sudo.
    case shell

    private static let sources = DroverProgram.repository.appendingPathComponent("Tests/TestSupport/Ledger/programs")

    /// Compiles it.
    public func made(as file: URL) async throws {
        let kind = self == .clock ? ["-shared", "-fPIC"] : []
        let source = Self.sources.appendingPathComponent("\(rawValue).c").path
        try await DroverProgram.run(["cc", "-O1", "-Wall", "-Werror", "-o", file.path, source] + kind + ["-ldl"])
            .succeeded()
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips where nothing can be compiled, or run as another user.
    public static var compiler: Self {
        .enabled("needs cc and root") {
            FileManager.default.isExecutableFile(atPath: "/usr/bin/cc") && getuid() == 0
        }
    }
}
