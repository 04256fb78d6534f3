import Fleet

/// What is said by the error that `body` throws; `nothing` where it throws none.
public func errorMessage(_ body: () async throws -> Void) async -> String {
    do {
        try await body()
        return "nothing"
    } catch {
        return (error as? any ExplainedError)?.message ?? "\(error)"
    }
}
