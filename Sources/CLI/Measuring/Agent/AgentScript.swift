import Fleet

/// What is run on hosts to look at an agent, to install it and to take it away. For a POSIX shell and systemd.
enum AgentScript {
    /// Says what is there, a word and its value a line. Changes nothing.
    static let survey = """
        export LC_ALL=C
        echo "architecture $(uname -m)"
        echo "user $(id -u)"
        [ -d /run/systemd/system ] && echo "systemd yes"
        p=\(AgentUnit.program)
        if [ -e "$p" ]; then
        echo "version $("$p" --version 2>/dev/null | head -n 1)"
        echo "sum $(sha256sum <"$p" 2>/dev/null | cut -d ' ' -f 1)"
        fi
        [ -e \(AgentUnit.unitPath) ] && echo "unit $(sha256sum <\(AgentUnit.unitPath) | cut -d ' ' -f 1)"
        [ -e \(AgentUnit.configurationPath) ] && echo "configuration yes"
        echo "state $(systemctl is-active drover-agent 2>/dev/null)"
        echo "enabled $(systemctl is-enabled drover-agent 2>/dev/null)"
        [ -d /var/lib/drover-agent ] && echo "bytes $(du -sk /var/lib/drover-agent 2>/dev/null | cut -f 1)"
        exit 0
        """

    /// The survey, with what the agent says of itself.
    static let status = """
        \(survey.replacing("\nexit 0", with: ""))
        port=$(sed -n 's/^ *metrics_port *= *\\([0-9]*\\).*/\\1/p' \(AgentUnit.configurationPath) 2>/dev/null | tail -n 1)
        [ -n "$port" ] || port=9101
        [ "$port" != 0 ] && [ -e "$p" ] && perl -MIO::Socket::INET -e '
        my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]", Timeout => 3) or exit 1; alarm 5;
        print $s "GET /healthz HTTP/1.0\\r\\n\\r\\n"; my $head = <$s>; print "answer $head"; while (<$s>) { last if /^\\s*$/ }
        while (<$s>) { print "said $_" }' "$port" 2>/dev/null
        exit 0
        """

    /// Makes the host what ``AgentUnit`` says, once the program is there, and starts it anew where something changed.
    /// - Parameters:
    ///   - configuration: The settings for a host that has none; those that are to be there where `replaces` says so.
    ///   - isNew: Whether the program was changed.
    static func install(configuration: String, replaces: Bool, isNew: Bool) -> String {
        """
        export LC_ALL=C
        set -e
        changed=\(isNew ? "yes" : "")
        getent group \(AgentUnit.user) >/dev/null || groupadd --system \(AgentUnit.user)
        getent passwd \(AgentUnit.user) >/dev/null || useradd --system --gid \(AgentUnit.user) --no-create-home \
        --home-dir /nonexistent --shell /usr/sbin/nologin \(AgentUnit.user)
        put() {
        if [ -e "$1" ] && cmp -s "$1" "$1.drover-new"; then rm -f "$1.drover-new"; return 0; fi
        mv "$1.drover-new" "$1"; changed=yes
        }
        if [ ! -e \(AgentUnit.configurationPath) ] || \(replaces ? "true" : "false"); then
        (umask 077; printf %s \(RemoteCommand.quote(configuration)) >\(AgentUnit.configurationPath).drover-new)
        chown root:\(AgentUnit.user) \(AgentUnit.configurationPath).drover-new
        chmod 640 \(AgentUnit.configurationPath).drover-new
        \(AgentUnit.program) check-config \(AgentUnit.configurationPath).drover-new || {
        rm -f \(AgentUnit.configurationPath).drover-new; exit 1; }
        put \(AgentUnit.configurationPath)
        fi
        printf %s \(RemoteCommand.quote(AgentUnit.text)) >\(AgentUnit.unitPath).drover-new
        chmod 644 \(AgentUnit.unitPath).drover-new
        put \(AgentUnit.unitPath)
        systemctl daemon-reload
        systemctl enable --quiet drover-agent
        if [ -n "$changed" ] || ! systemctl is-active --quiet drover-agent; then
        systemctl reset-failed drover-agent 2>/dev/null || true
        systemctl restart drover-agent || { journalctl -u drover-agent -n 5 --no-pager -o cat >&2; exit 1; }
        fi
        [ -n "$changed" ] && echo changed
        systemctl is-active drover-agent
        """
    }

    /// Takes everything away that `install`, or the role, brought.
    static func remove(keepsHistory: Bool) -> String {
        """
        export LC_ALL=C
        found=
        for unit in drover-agent drover-agent-firewall; do
        [ -e "/etc/systemd/system/$unit.service" ] || continue
        found=yes
        systemctl disable --now --quiet "$unit" || exit 1
        rm -f "/etc/systemd/system/$unit.service"
        done
        for file in \(AgentUnit.program) \(AgentUnit.configurationPath) /etc/drover-agent.nft; do
        [ -e "$file" ] && { found=yes; rm -f "$file" || exit 1; }
        done
        [ -n "$found" ] && [ -d /run/systemd/system ] && systemctl daemon-reload
        systemctl reset-failed drover-agent drover-agent-firewall 2>/dev/null
        \(keepsHistory ? "" : history)
        [ -n "$found" ] && echo found
        exit 0
        """
    }

    /// A user who owns nothing any more goes too.
    private static let history = """
        [ -d /var/lib/drover-agent ] && { found=yes; rm -rf /var/lib/drover-agent || exit 1; }
        if getent passwd drover-agent >/dev/null; then found=yes; userdel drover-agent || exit 1; fi
        if getent group drover-agent >/dev/null; then groupdel drover-agent || exit 1; fi
        """
}
