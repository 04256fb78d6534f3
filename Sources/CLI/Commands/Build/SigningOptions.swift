import ArgumentParser
import Fleet
import Rollouts

/// Who vouches for a build that is added.
struct SigningOptions: ParsableArguments {
    @Option(
        name: .customLong("sign"),
        help: "Sign it with this key: a private one, or a .pub file whose private key an agent has.",
        completion: .file())
    var key: String?

    /// The build, signed where that is wanted.
    func applied(to build: BuildRecord, _ builds: BuildCatalog) async throws -> BuildRecord {
        guard let key else { return build }
        return try await builds.sign(build, key: key)
    }
}
