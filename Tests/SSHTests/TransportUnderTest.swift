import Fleet
import Testing

/// Runs each test of a suite twice: with libssh2, and with the installed `ssh`. What the tests state holds for both.
struct OverBothTransports: SuiteTrait, TestTrait, TestScoping {
    /// What speaks SSH in the test that runs; `nil` where that is Drover's choice.
    @TaskLocal static var client: Endpoint.Client?

    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        for client in Endpoint.Client.allCases { try await Self.$client.withValue(client) { try await body() } }
    }
}

extension Trait where Self == OverBothTransports {
    /// See ``OverBothTransports``.
    static var overBothTransports: Self { Self() }
}

extension Endpoint {
    /// The same, with what the test that runs is about.
    var underTest: Endpoint {
        var endpoint = self
        endpoint.client = client ?? OverBothTransports.client
        return endpoint
    }
}
