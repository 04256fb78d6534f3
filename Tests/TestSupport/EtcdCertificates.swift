public import Foundation

/// An authority of the test's own with certificates for the members of an ``EtcdLab`` and for their clients.
public struct EtcdCertificates: Sendable {
    /// Whether a certificate's time has come and not gone.
    public enum Validity: String, Sendable, CaseIterable {
        case valid, expired

        fileprivate var dates: [String] {
            switch self {
            case .valid: ["-days", "30"]
            case .expired: ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"]
            }
        }
    }

    /// The folder they are in.
    public let folder: URL

    /// The authority's own certificate.
    public var authority: String { path("authority.crt") }

    /// Makes an authority in `folder`.
    public init(in folder: URL) async throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let settings = """
            [ca]
            default_ca = own
            [own]
            dir = \(folder.path)
            database = $dir/index
            new_certs_dir = $dir
            certificate = $dir/authority.crt
            private_key = $dir/authority.key
            default_md = sha256
            unique_subject = no
            rand_serial = yes
            policy = any
            copy_extensions = copy
            [any]
            commonName = supplied

            """
        try settings.write(toFile: path("settings"), atomically: true, encoding: .utf8)
        try "".write(toFile: path("index"), atomically: true, encoding: .utf8)
        try await openssl(
            ["req", "-x509"] + Self.newKey + ["-subj", "/CN=authority", "-days", "30"]
                + ["-keyout", path("authority.key"), "-out", authority])
    }

    /// The certificate of a member, good for `address` and 127.0.0.1, for servers and for clients: etcd's JSON gateway asks
    /// etcd itself with it.
    public func makeServer(_ member: String, address: String, _ validity: Validity) async throws {
        let names = ["-addext", "subjectAltName=IP:\(address),IP:127.0.0.1"]
        try await make(
            "\(member)-\(validity)", names + ["-addext", "extendedKeyUsage=serverAuth,clientAuth"], validity)
    }

    /// A certificate for the client `name`.
    /// - Returns: Its certificate and its key.
    public func makeClient(
        _ name: String = "client", _ validity: Validity = .valid
    ) async throws -> (certificate: String, key: String) {
        try await make("\(name)-\(validity)", ["-addext", "extendedKeyUsage=clientAuth"], validity)
        return (path("\(name)-\(validity).crt"), path("\(name)-\(validity).key"))
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private func make(_ name: String, _ extensions: [String], _ validity: Validity) async throws {
        let request = ["-subj", "/CN=\(name)", "-keyout", path("\(name).key"), "-out", path("\(name).csr")]
        try await openssl(["req"] + Self.newKey + request + extensions)
        try await openssl(
            ["ca", "-batch", "-notext", "-config", path("settings")] + validity.dates
                + ["-in", path("\(name).csr"), "-out", path("\(name).crt")])
    }

    private func openssl(_ arguments: [String]) async throws {
        try await DroverProgram.run(["openssl"] + arguments).succeeded()
    }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
}
