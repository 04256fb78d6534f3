import Fleet

/// A literal address and a TCP port, as HAProxy writes them: `10.0.0.1:80`, `[::1]:80`.
struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    let address: String
    let port: Int

    init(address: String, port: Int) {
        self.address = address
        self.port = port
    }

    /// Reads what ``description`` writes; `nil` when `text` has no port.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        self.init(address: String(isBracketed ? host.dropFirst().dropLast() : host), port: port)
    }

    var description: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }

    /// Whether `address` is an IPv4 or IPv6 address and not a name.
    var isLiteral: Bool {
        if address.contains(":") {
            return address.utf8.allSatisfy {
                UInt8(ascii: ":") == $0 || UInt8(ascii: ".") == $0 || Hex.value(of: $0) != nil
            }
        }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { $0.allSatisfy(\.isNumber) && UInt8($0) != nil }
    }
}
