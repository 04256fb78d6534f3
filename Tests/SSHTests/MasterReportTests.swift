import Fleet
import Testing

@testable import SSH

/// What `ssh` says, in the words of OpenSSH 9.2, and what it is taken for.
@Suite struct MasterReportTests {
    private static let connected = """
        OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026
        debug1: Connecting to 127.0.0.1 [127.0.0.1] port 22551.
        debug1: Connection established.

        """
    private static let greeted =
        connected + """
            debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1 Debian-2+deb12u10
            debug1: SSH2_MSG_KEXINIT sent

            """
    private static let agreed =
        greeted + """
            debug1: Server host key: ssh-ed25519 SHA256:E1bGjdhbwPqWYyhulw2gUkWymLCd5MdABgtRobhaiSc
            debug1: SSH2_MSG_NEWKEYS received
            debug1: Offering public key: /a key ED25519 SHA256:TFtv84sJfIPgBwZVIIPogwIh+O0uxESlPbwzHjNrJ8M explicit

            """
    private static let ready =
        agreed + """
            debug1: Server accepts key: my key RSA SHA256:TFtv84sJfIPgBwZVIIPogwIh+O0uxESlPbwzHjNrJ8M agent
            Authenticated to 127.0.0.1 ([127.0.0.1]:22551) using "publickey".
            debug1: Entering interactive session.

            """

    private func report(_ text: String, inPiecesOf size: Int = 7) -> MasterReport {
        var report = MasterReport()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            Array(rest.prefix(size)).withUnsafeBytes { report.feed($0) }
            rest = rest.dropFirst(size)
        }
        return report
    }

    private func failure(_ text: String, _ change: (inout Endpoint) throws -> Void = { _ in }) throws -> MasterFailure {
        var endpoint = Endpoint(host: try HostName("web"), address: "10.0.0.5", user: "me")
        endpoint.knownHostsFiles = ["/dev/null"]
        try change(&endpoint)
        return MasterFailure(endpoint, report(text), SSHSettings())
    }

    @Test func howFarItIsComesFromItsDetails() {
        let phases: [(String, MasterReport.Phase)] = [
            ("", .connection), (Self.connected, .greeting), (Self.greeted, .keys), (Self.agreed, .login),
            (Self.ready, .nothing),
        ]
        for (text, phase) in phases { #expect(report(text).phase == phase) }
        let report = report(Self.ready)
        #expect(report.banner == "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10")
        #expect(report.hostKey?.algorithm == "ssh-ed25519")
        #expect(report.offered == ["/a key"] && report.accepted == "my key (agent)")
        #expect(report.said.isEmpty)
    }

    /// What Kerberos says of a ticket, and what comes of that where the host takes nothing else.
    static let tickets: [(String, String)] = [
        (
            "debug1: No credentials were supplied, or the credentials were unavailable or inaccessible\n"
                + "No Kerberos credentials available (default cache: KCM:)\n\n", "you have none"
        ),
        (
            "debug1: Unspecified GSS failure.  Minor code may provide more information\nTicket expired\n\n",
            "yours has expired"
        ),
        (
            "debug1: Unspecified GSS failure.  Minor code may provide more information\nClock skew too great\n\n",
            "Kerberos says: Clock skew too great"
        ), ("", "it does not take yours for 'me'"),
    ]

    @Test(arguments: tickets) func whatKerberosSaysIsTold(_ said: String, _ reason: String) throws {
        let tried = Self.agreed + "debug1: Next authentication method: gssapi-with-mic\n" + said
        let end = "debug1: No more authentication methods to try.\nme@web: Permission denied ("
        for (methods, isAll) in [("gssapi-keyex,gssapi-with-mic", true), ("publickey,gssapi-with-mic", false)] {
            let error = try failure(tried + end + methods + ").\n").refusal(ShellExit(status: 255)).0
            #expect(error.code == .authenticationFailed)
            #expect((isAll ? error.message : error.hints.first ?? "").contains(reason), "\(error)")
        }
        let untried = try failure(Self.agreed + end + "gssapi-with-mic).\n").refusal(ShellExit(status: 255)).0
        #expect(untried.message == "the host takes no keys but a Kerberos ticket, and ssh is told to show it none")
    }

    static let refusals: [(String, String, TransportError.Code, String)] = [
        (
            connected, "ssh: connect to host 10.0.0.5 port 22: Connection refused", .unreachable,
            "10.0.0.5:22: connection refused"
        ),
        (
            "", "ssh: connect to host 10.0.0.5 port 22: Connection timed out", .unreachable,
            "no answer from 10.0.0.5:22 within 10 s"
        ),
        (
            "", "ssh: Could not resolve hostname 10.0.0.5: Name or service not known", .unreachable,
            "cannot resolve '10.0.0.5': name or service not known"
        ),
        (
            greeted, "Unable to negotiate with 10.0.0.5 port 22: no matching cipher found. Their offer: x",
            .unsupported,
            "no algorithm in common with the host's sshd: no matching cipher found. Their offer: x"
        ),
        (
            agreed, "me@10.0.0.5: Permission denied (publickey).", .authenticationFailed,
            "the host accepted none of the keys for 'me': /a key"
        ),
        (
            agreed, "Received disconnect from 10.0.0.5 port 22:2: Too many authentication failures",
            .authenticationFailed, "the host ended the connection after refusing /a key"
        ),
        (
            greeted, "Host key verification failed.\nNo ED25519 host key is known for 10.0.0.5", .hostKeyUnknown,
            "No ED25519 host key is known for 10.0.0.5"
        ),
        (
            connected, "kex_exchange_identification: Connection closed by remote host", .unreachable,
            "the host closed the connection during the SSH handshake, before it said anything"
        ),
        (
            greeted, "Connection reset by 10.0.0.5 port 22: reset by peer", .unreachable,
            "the host closed the connection during the SSH handshake: connection reset by peer"
        ),
        (agreed, "Connection closed by 10.0.0.5 port 22", .unreachable, "the host ended the connection during login"),
        (
            "", "/x/config: line 1: Bad configuration option: nonsense", .unsupported,
            "the installed ssh does not take its settings: /x/config: line 1: Bad configuration option: nonsense"
        ),
    ]

    @Test(arguments: refusals)
    func whyItGotNoFurther(
        _ before: String, _ said: String, _ code: TransportError.Code, _ message: String
    ) throws {
        let (error, _) = try failure(before + said + "\n").refusal(ShellExit(status: 255))
        #expect(error.code == code)
        #expect(error.message == message)
        #expect(code == .hostKeyUnknown || !error.hints.isEmpty)
    }

    @Test func hostsThatTurnUsAwayAreAskedAgain() throws {
        let text = Self.connected + "debug1: kex_exchange_identification: banner line 0: Exceeded MaxStartups\n"
        let said = "kex_exchange_identification: Connection closed by remote host\n"
        let (error, end) = try failure(text + said).refusal(ShellExit(status: 255))
        #expect(end == .tooManyLogins)
        #expect(error.message.hasPrefix("sshd has turned us away for 10 s"))
    }

    @Test func aMachineWithoutSSHIsTold() throws {
        let (error, _) = try failure("/bin/sh: 2: ssh: not found\n").refusal(ShellExit(status: 127))
        #expect(error.message == "there is no ssh on this machine")
    }

    static let losses = [
        ("Timeout, server 10.0.0.5 not responding.", "connection lost: no sign of life for 15 s"),
        ("Connection to 10.0.0.5 closed by remote host.", "connection lost: the host ended it"),
        ("client_loop: send disconnect: Broken pipe", "connection lost: broken pipe"),
        ("Read from remote host 10.0.0.5: Connection reset by peer", "connection lost: connection reset by peer"),
        ("", "connection lost: its ssh process was ended"),
        ("Killed", "connection lost: its ssh process was ended"),
    ]

    @Test(arguments: losses)
    func whyItWasLost(_ said: String, _ message: String) throws {
        let error = try failure(Self.ready + said + "\n").loss
        #expect(error.code == .connectionLost && error.message == message)
    }
}
