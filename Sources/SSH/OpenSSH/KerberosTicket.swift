import Foundation
import Glibc

/// Whether the user has a Kerberos ticket to log in with, as far as can be told without asking Kerberos itself.
enum KerberosTicket {
    static var isThere: Bool {
        let named = ProcessInfo.processInfo.environment["KRB5CCNAME"] ?? ""
        let cache = named.isEmpty ? "/tmp/krb5cc_\(getuid())" : named
        let path = cache.hasPrefix("FILE:") ? String(cache.dropFirst(5)) : cache
        // Of caches of other kinds (KEYRING:, KCM:) only a name that somebody set speaks.
        return path.hasPrefix("/") ? FileManager.default.fileExists(atPath: path) : true
    }
}
