import Rollouts
import Testing

/// The fault that `body` throws, which has to be of `kind`.
@discardableResult
func expectFault(
    _ kind: RolloutFault.Kind, at location: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> RolloutFault? {
    do {
        try await body()
        Issue.record("nothing was thrown, expected \(kind)", sourceLocation: location)
    } catch let fault as RolloutFault {
        #expect(fault.kind == kind, "\(fault)", sourceLocation: location)
        return fault
    } catch {
        Issue.record("\(error)", sourceLocation: location)
    }
    return nil
}
