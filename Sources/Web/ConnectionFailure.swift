import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// A connection that could not be made, whose reason can be told.
protocol NIOConnectionFailure: Error {
    /// One lower-case sentence.
    var reason: String { get }
}

extension NIOConnectionError: NIOConnectionFailure {
    var reason: String {
        if let error = connectionErrors.last?.error {
            return (error as? IOError)?.plainReason ?? "\(error)"
        }
        return "'\(host)' has no address"
    }
}

extension IOError {
    /// What the system says, as a sentence begins here.
    var plainReason: String {
        let text = String(cString: strerror(errnoCode))
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

extension NIOSSLError {
    /// Whether one side does not accept what the other showed.
    var isAboutCertificates: Bool {
        "\(self)".contains("CERTIFICATE_VERIFY_FAILED") || self == .unableToValidateCertificate
    }

    /// What OpenSSL's words mean to whoever set up the files.
    var plainReason: String { Self.reason("\(self)") }

    /// The same for any text with these words.
    static func reason(_ text: String) -> String {
        let known = [
            "CERTIFICATE_REQUIRED": "it asks for a certificate of ours, and none is set",
            "BAD_CERTIFICATE": "it does not accept our certificate, or asks for one and none is set",
            "UNKNOWN_CA": "it does not know who signed our certificate",
            "CERTIFICATE_EXPIRED": "it says that our certificate has expired",
            "CERTIFICATE_REVOKED": "it says that our certificate was revoked",
            "WRONG_VERSION_NUMBER": "it does not speak TLS", "UNEXPECTED_MESSAGE": "it does not speak TLS as it should",
        ]
        return known.first { text.contains($0.key) }?.value ?? "TLS failed: \(text)"
    }
}
