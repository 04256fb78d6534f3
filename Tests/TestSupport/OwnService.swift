public import Foundation

/// A folder, and the name of a service that no other test has, for the length of one test.
///
/// Where a service's hosts are this machine, what they know of it stands below `/var/lib/drover`: its lease would keep out
/// every other test with a service of the same name.
public func withOwnService<Result>(
    _ body: (_ folder: URL, _ service: String) async throws -> Result
) async throws -> Result {
    let service = "shop-\(UUID().uuidString.prefix(8).lowercased())"
    defer { try? FileManager.default.removeItem(atPath: "/var/lib/drover/\(service)") }
    return try await withTemporaryFolder { try await body($0, service) }
}
