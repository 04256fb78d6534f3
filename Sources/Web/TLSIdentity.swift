import Fleet
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Who we are to servers, and which servers we believe.
struct TLSIdentity {
    /// The same for the library.
    let configuration: TLSConfiguration

    /// Reads the files that `trust` names.
    /// - Throws: ``InputError`` for one that can't be used, or holds a certificate whose time is over.
    init(_ trust: WebTrust) throws(InputError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let path = trust.authorities { configuration.trustRoots = .certificates(try Self.certificates(path)) }
        switch (trust.certificate, trust.key) {
        case (nil, nil): break
        case (let certificate?, let key?):
            configuration.certificateChain = try Self.certificates(certificate).map { .certificate($0) }
            configuration.privateKey = .privateKey(try Self.key(key))
        case (let certificate?, nil):
            throw InputError(
                "the certificate \(certificate) has no private key beside it", hints: ["name its key as well"])
        case (nil, let key?):
            throw InputError(
                "the private key \(key) has no certificate beside it", hints: ["name its certificate as well"])
        }
        self.configuration = configuration
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw InputError(
                "\(trust.certificate ?? "") and \(trust.key ?? "") do not belong together",
                hints: ["the key must be the one that the certificate was made for"])
        }
    }

    private static func certificates(_ path: String) throws(InputError) -> [NIOSSLCertificate] {
        let found: [NIOSSLCertificate]
        do {
            found = try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw unusable(path, "certificate")
        }
        guard !found.isEmpty else { throw unusable(path, "certificate") }
        for certificate in found {
            guard let flaw = certificate.flaw(at: Date()) else { continue }
            throw InputError("the certificate \(flaw)", at: SourceLocation(file: path), hints: ["put a new one there"])
        }
        return found
    }

    private static func key(_ path: String) throws(InputError) -> NIOSSLPrivateKey {
        do { return try NIOSSLPrivateKey(file: path, format: .pem) } catch { throw unusable(path, "private key") }
    }

    private static func unusable(_ path: String, _ kind: String) -> InputError {
        let isThere = FileManager.default.isReadableFile(atPath: path)
        return InputError(
            isThere ? .syntax : .unreadable, isThere ? "the file holds no \(kind) (PEM)" : "the file cannot be read",
            at: SourceLocation(file: path))
    }
}

// MARK: what a server shows

extension TLSIdentity {
    /// What is wrong with the certificate that the server at `url` shows; `nil` when that can't be found out.
    func flaw(ofServerAt url: String) async -> String? {
        guard let place = URLComponents(string: url), let host = place.host else { return nil }
        let shown = Shown()
        var configuration = configuration
        configuration.applicationProtocols = []
        do {
            let context = try NIOSSLContext(configuration: configuration)
            let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.seconds(2))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = try NIOSSLClientHandler(
                            context: context, serverHostname: nil,
                            customVerificationCallback: { certificates, promise in
                                shown.first.withLock { $0 = certificates.first }
                                // Nothing is said to a server that is not known.
                                promise.succeed(.failed)
                            })
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
            let channel = try await bootstrap.connect(host: host.filter { !"[]".contains($0) }, port: place.port ?? 443)
                .get()
            let end = channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
            try await channel.closeFuture.get()
            end.cancel()
        } catch {
            return nil
        }
        return shown.first.withLock { $0?.flaw(at: Date()) }.map { "its certificate \($0)" }
            ?? "its certificate is of nobody whom we know, or for another host"
    }

    private final class Shown: Sendable {
        let first = Mutex<NIOSSLCertificate?>(nil)
    }
}

extension NIOSSLCertificate {
    /// What is wrong with its time at `now`, if anything is.
    func flaw(at now: Date) -> String? {
        let (begins, ends) = (Int64(notValidBefore), Int64(notValidAfter))
        let seconds = Int64(now.timeIntervalSince1970)
        if seconds > ends { return "expired at \(Timestamp(milliseconds: ends * 1000))" }
        if seconds < begins { return "is valid only from \(Timestamp(milliseconds: begins * 1000)) on" }
        return nil
    }
}
