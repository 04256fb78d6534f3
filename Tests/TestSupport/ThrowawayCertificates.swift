public import Foundation

/// Certificates of a server on loopback and of a client, as files that can be replaced by others while they are in use.
public struct ThrowawayCertificates: Sendable {
    private let made: EtcdCertificates
    /// The authority's own certificate.
    public var authority: String { made.authority }
    /// The server's certificate (PEM).
    public var server: String { file("server.crt") }
    /// Its key.
    public var serverKey: String { file("server.key") }
    /// The client's certificate.
    public var client: String { file("client.crt") }
    /// Its key.
    public var clientKey: String { file("client.key") }

    /// Makes an authority and a valid certificate for each side, in `folder`.
    public init(in folder: URL) async throws {
        made = try await EtcdCertificates(in: folder)
        try await makeServer(.valid)
        try await makeClient(.valid)
    }

    /// Makes the server's certificate again.
    public func makeServer(_ validity: EtcdCertificates.Validity) async throws {
        try await made.makeServer("server", address: "127.0.0.1", validity)
        try use("server-\(validity)", as: "server")
    }

    /// Makes the client's certificate again.
    public func makeClient(_ validity: EtcdCertificates.Validity) async throws {
        _ = try await made.makeClient("client", validity)
        try use("client-\(validity)", as: "client")
    }

    private func use(_ source: String, as name: String) throws {
        for end in ["crt", "key"] {
            try Data(contentsOf: URL(fileURLWithPath: file("\(source).\(end)")))
                .write(to: URL(fileURLWithPath: file("\(name).\(end)")), options: .atomic)
        }
    }

    private func file(_ name: String) -> String { made.folder.path + "/" + name }
}
