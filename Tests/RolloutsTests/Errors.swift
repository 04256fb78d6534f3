import Fleet
import Rollouts
import Testing

/// The error that `body` throws, which has to be of `code`.
@discardableResult
func expectError(
    _ code: RolloutError.Code, at location: Testing.SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> RolloutError? {
    do {
        try await body()
        Issue.record("nothing was thrown, expected \(code)", sourceLocation: location)
    } catch let error as RolloutError {
        #expect(error.code == code, "\(error)", sourceLocation: location)
        return error
    } catch {
        Issue.record("\(error)", sourceLocation: location)
    }
    return nil
}

extension ReleaseControl {
    /// Brings a build to a host.
    func deliver(_ build: BuildDigest, to host: HostName) async throws(RolloutError) -> String {
        try await deliver(build.release, of: build, to: host)
    }
}
