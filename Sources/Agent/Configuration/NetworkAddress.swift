import Glibc

/// An IPv4 or IPv6 address, as numbers only: nothing is looked up, for a static program has no resolver.
struct NetworkAddress: Sendable, Hashable {
    /// Four bytes or sixteen.
    let bytes: [UInt8]

    var isIPv6: Bool { bytes.count == 16 }

    /// The address of this machine to itself.
    var isLoopback: Bool {
        if isIPv6 { return bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 }
        return bytes.first == 127
    }

    /// All addresses of the machine.
    var isWildcard: Bool { bytes.allSatisfy { $0 == 0 } }

    init?(_ text: String) {
        var four = in_addr()
        var sixteen = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: &four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &sixteen) == 1 {
            bytes = withUnsafeBytes(of: &sixteen) { Array($0) }
        } else {
            return nil
        }
    }

    /// The address in what `accept` filled in; an IPv4 address in an IPv6 one is the former.
    init?(_ storage: inout sockaddr_storage) {
        switch Int32(storage.ss_family) {
        case AF_INET:
            bytes = withUnsafeBytes(of: &storage) { Array($0[4..<8]) }
        case AF_INET6:
            let sixteen = withUnsafeBytes(of: &storage) { Array($0[8..<24]) }
            let mapped = sixteen.prefix(10).allSatisfy { $0 == 0 } && sixteen[10] == 255 && sixteen[11] == 255
            bytes = mapped ? Array(sixteen.suffix(4)) : sixteen
        default:
            return nil
        }
    }

    /// What `bind` and `connect` want.
    func withSocketAddress<Result>(
        port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(isIPv6 ? AF_INET6 : AF_INET)
        let size = isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        withUnsafeMutableBytes(of: &storage) { raw in
            raw[2] = UInt8(truncatingIfNeeded: port >> 8)
            raw[3] = UInt8(truncatingIfNeeded: port)
            for (place, byte) in bytes.enumerated() { raw[(isIPv6 ? 8 : 4) + place] = byte }
        }
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(size)) }
        }
    }
}

/// An address, or a net of them: `10.0.0.0/8`.
struct AddressRange: Sendable, Equatable {
    let address: NetworkAddress
    let bits: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = NetworkAddress(String(first)) else { return nil }
        let most = address.bytes.count * 8
        guard parts.count == 2 else {
            (self.address, bits) = (address, most)
            return
        }
        guard let bits = Int(parts[1]), (0...most).contains(bits) else { return nil }
        (self.address, self.bits) = (address, bits)
    }

    func contains(_ other: NetworkAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        for (place, byte) in address.bytes.enumerated() {
            let left = bits - place * 8
            guard left > 0 else { break }
            let mask: UInt8 = left >= 8 ? 255 : ~(255 >> UInt8(left))
            guard byte & mask == other.bytes[place] & mask else { return false }
        }
        return true
    }

    /// More hosts than a site's own.
    var isWide: Bool { bits < (address.isIPv6 ? 32 : 8) }
}
