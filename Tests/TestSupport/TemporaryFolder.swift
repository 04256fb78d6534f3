public import Foundation

/// A folder that exists for the length of one test.
///
/// - Parameter above: The folder it is made in.
public func withTemporaryFolder<Result>(
    in above: URL = FileManager.default.temporaryDirectory, _ body: (URL) async throws -> Result
) async throws -> Result {
    let folder = above.appendingPathComponent("drover-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
