/// Modules that Ansible has and Drover has not, with what does their work here.
public enum AbsentModules {
    /// What to do in place of the module that a task calls by `name`; nothing for a name that Ansible has not either.
    public static func hints(for name: String) -> [String] {
        guard let short = name.split(separator: ".").last, let instead = insteadOf[String(short)] else { return [] }
        return ["Drover has no such module: \(instead)"]
    }

    /// What to say of a module of a collection that nothing else is known about.
    public static func collectionHints(for name: String) -> [String] {
        let isOfCollection =
            name.contains(".") && !["ansible.builtin.", "ansible.legacy."].contains(where: name.hasPrefix)
        return isOfCollection ? ["modules of collections are not supported: docs/from-ansible.md says what to use"] : []
    }

    /// By short name; `docs/from-ansible.md` has the same, at greater length.
    static let insteadOf: [String: String] = {
        var table: [String: String] = [:]
        for (names, instead) in rows { for name in names.split(separator: " ") { table[String(name)] = instead } }
        return table
    }()

    private static let rows: [(names: String, instead: String)] = [
        ("apt_key", "name the key in 'signed_by' of deb822_repository"),
        ("assemble", "use a 'template' that loops, or the program's own folder of fragments"),
        ("async_status", "a task with 'async' and 'poll' waits"),
        ("debconf", "pipe the answers into debconf-set-selections by 'shell', before 'apt'"),
        ("dpkg_selections", "use 'command: apt-mark hold NAME'"),
        ("fetch", "use 'slurp', or: drover run HOST -i INVENTORY -- cat FILE"),
        ("git subversion", "bring a build (drover rollout), or use 'command: git clone …' with 'creates'"),
        ("iptables ufw firewalld", "use a 'template' of /etc/nftables.conf and a handler"),
        ("mount", "use a 'template' of a .mount unit, and 'systemd'"),
        ("pause", "use 'wait_for: timeout=SECONDS'"),
        ("pip", "bring packages in the build, or use 'command: pip install …' with 'creates'"),
        ("reboot", "use: drover run HOST -i INVENTORY --serial 1 -b -- reboot"),
        ("seboolean selinux", "use 'command'"),
        ("set_stats", "use 'set_fact'"),
        ("tempfile", "use 'command: mktemp', registered"),
        ("timezone", "use 'command: timedatectl set-timezone ZONE'"),
        ("locale_gen", "use 'command: locale-gen'"),
        ("wait_for_connection", "a host that was away is left out of the run: apply again"),
    ]
}
