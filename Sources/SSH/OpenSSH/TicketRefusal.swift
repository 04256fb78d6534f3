/// Why a host that takes Kerberos tickets lets nobody in by one.
struct TicketRefusal {
    /// What is the matter with the ticket.
    private enum Trouble {
        case none, expired, notShown
        /// It is libssh2's turn, and nobody else's.
        case beyondLibssh2
        /// The host does not take it for a user.
        case refused
        /// What Kerberos says itself.
        case other(String)
    }

    private let trouble: Trouble
    private let user: String
    /// Whether the host takes no keys.
    let isAllThatCounts: Bool
    private static let method = "gssapi-with-mic"

    private init?(because trouble: Trouble, among methods: [String], user: String) {
        guard methods.contains(Self.method) else { return nil }
        (self.trouble, self.user) = (trouble, user)
        isAllThatCounts = !methods.contains("publickey")
    }

    /// Where nobody has shown a ticket yet; `nil` where `ssh` will, or the host takes none.
    ///
    /// - Parameters:
    ///   - methods: The ways to log in that the host offers.
    ///   - mayShow: Whether `ssh` may be used.
    init?(_ ticket: KerberosTicket, among methods: [String], user: String, mayShow: Bool) {
        switch ticket {
        case .none: self.init(because: .none, among: methods, user: user)
        case .expired: self.init(because: .expired, among: methods, user: user)
        case .valid where mayShow: return nil
        case .valid: self.init(because: .beyondLibssh2, among: methods, user: user)
        }
    }

    /// Where `ssh` did not get in.
    init?(_ report: MasterReport, among methods: [String], user: String) {
        let said = report.saidOfTicket.last ?? ""
        let trouble: Trouble =
            if !report.hasShownTicket {
                .notShown
            } else if said.isEmpty {
                .refused
            } else if said.contains("expired") {
                .expired
            } else if said.contains("No Kerberos credentials") || said.contains("No credentials") {
                .none
            } else {
                .other(said)
            }
        self.init(because: trouble, among: methods, user: user)
    }

    private var reason: String {
        switch trouble {
        case .none: "you have none"
        case .expired: "yours has expired"
        case .notShown: "ssh is told to show it none"
        case .beyondLibssh2: "libssh2, which is chosen for this host, shows none"
        case .refused: "it does not take yours for '\(user)'"
        case .other(let words): "Kerberos says: \(words)"
        }
    }

    private var remedy: String {
        switch trouble {
        case .none: "get one with: kinit"
        case .expired: "get a new one with: kinit"
        case .notShown: "set GSSAPIAuthentication yes for the host in ~/.ssh/config"
        case .beyondLibssh2: "leave the choice to Drover, or set drover_transport=openssh"
        case .refused: "compare klist's principal with ~\(user)/.k5login on the host, and the host's log"
        case .other(let words) where words.contains("not found in Kerberos database"):
            "call the host by the name that its keytab has: set ansible_host to that"
        case .other: "see what goes on with: KRB5_TRACE=/dev/stderr ssh HOST"
        }
    }

    /// What is wrong, where no key would do.
    var message: String { "the host takes no keys but a Kerberos ticket, and \(reason)" }

    /// What can be done.
    var hints: [String] {
        isAllThatCounts ? [remedy] : ["the host takes a Kerberos ticket too, and \(reason): \(remedy)"]
    }
}
