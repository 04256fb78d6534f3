import Fleet

/// What a master's standard error says about how far its connection is, and why it went no further (`ssh -v`).
///
/// There is no other way to learn that from `ssh`: its exit status is 255 whatever happened.
struct MasterReport {
    /// What is being waited for.
    enum Phase: Int, Comparable {
        case connection, greeting, keys, login, nothing

        static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
    }

    private(set) var phase = Phase.connection
    /// The host's first line.
    private(set) var banner: String?
    /// What the host said before its first line.
    private(set) var prelude = ""
    /// The key that the host proved to have: `ssh-ed25519`, and its fingerprint.
    private(set) var hostKey: (algorithm: String, fingerprint: String)?
    /// The keys that were offered, the last one last.
    private(set) var offered: [String] = []
    /// What the host let us in with.
    private(set) var accepted: String?
    /// What `ssh` says without being asked for details, and the programs that it runs.
    private(set) var said: [String] = []
    /// Whether a Kerberos ticket was tried, and what Kerberos said of it.
    private(set) var hasShownTicket = false
    private(set) var saidOfTicket: [String] = []
    private var isShowingTicket = false
    private var rest: [UInt8] = []
    private static let mostLines = 64
    private static let longestLine = 4096

    /// Takes what came.
    mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            if byte != UInt8(ascii: "\n") {
                if rest.count < Self.longestLine { rest.append(byte) }
                continue
            }
            take(String(decoding: rest, as: UTF8.self).filter { $0 != "\r" && $0 != "\r\n" })
            rest = []
        }
    }

    private mutating func take(_ line: String) {
        if let detail = line.dropping("debug1: ") { return take(detail: detail) }
        if line.hasPrefix("debug") || line.hasPrefix("OpenSSH_") || line.isEmpty { return }
        if line.hasPrefix("Authenticated to "), let method = line.split(separator: "\"").last(where: { $0 != "." }) {
            if accepted == nil { accepted = String(method) }
        } else if isShowingTicket {
            // These lines stand in the middle of a detail.
            if saidOfTicket.count < Self.mostLines { saidOfTicket.append(line) }
        } else if said.count < Self.mostLines {
            said.append(line)
        }
    }

    private mutating func take(detail: Substring) {
        if detail.hasPrefix("Connection established") {
            phase = max(phase, .greeting)
        } else if let versions = detail.dropping("Remote protocol version ") {
            let parts = versions.split(separator: ", remote software version ")
            banner = "SSH-" + parts.joined(separator: "-")
            phase = max(phase, .keys)
        } else if let line = detail.dropping("kex_exchange_identification: banner line ") {
            prelude += line
        } else if let key = detail.dropping("Server host key: ") ?? detail.dropping("Server host certificate: ") {
            let words = key.split(separator: " ")
            if words.count >= 2 { hostKey = (String(words[0]), words[1].filter { $0 != "," }) }
        } else if detail.hasPrefix("SSH2_MSG_NEWKEYS received") {
            phase = max(phase, .login)
        } else if let key = detail.dropping("Offering public key: ") {
            offered.append(Self.label(key))
        } else if let key = detail.dropping("Server accepts key: ") {
            accepted = Self.label(key)
        } else if let method = detail.dropping("Next authentication method: ") {
            isShowingTicket = method.hasPrefix("gssapi")
            if isShowingTicket { hasShownTicket = true }
        } else if detail.hasPrefix("Authentications that can continue") || detail.hasPrefix("No more authentication") {
            isShowingTicket = false
        } else if detail.hasPrefix("Entering interactive session") {
            phase = .nothing
            said = []
        }
    }

    /// The key's name, which may have blanks in it, without what follows: kind, fingerprint and where it is from.
    private static func label(_ text: Substring) -> String {
        let words = text.split(separator: " ")
        guard let print = words.lastIndex(where: { $0.hasPrefix("SHA256:") || $0.hasPrefix("MD5:") }), print > 1 else {
            return String(text)
        }
        let isHeld = words[print...].contains("agent")
        return words[..<(print - 1)].joined(separator: " ") + (isHeld ? " (agent)" : "")
    }
}

extension StringProtocol where SubSequence == Substring {
    /// What follows `prefix`; `nil` when it doesn't begin so.
    fileprivate func dropping(_ prefix: String) -> Substring? { hasPrefix(prefix) ? dropFirst(prefix.count) : nil }
}
