import Fleet

/// Reads what OpenSSH's client would do to reach a host, as `ssh -G` says it.
enum ClientSettings {
    /// What the client's files say, without what it prints in any case.
    ///
    /// - Parameters:
    ///   - text: What `ssh -G` printed for the host.
    ///   - name: The host, as it was asked for.
    ///   - usual: What it prints for any host, without any file.
    ///   - home: The user's home folder.
    static func read(_ text: String, of name: String, usual: String, home: String) -> ConnectionSettings {
        let (usual, all) = (lines(usual), lines(text))
        let values = all.filter { usual[$0.key] != $0.value }
        let one = { (name: String) in values[name]?.first.flatMap { $0 == "none" ? nil : $0 } }
        let said = { (name: String) in all[name]?.first ?? "" }
        let paths = ConfigurationPath(
            home: home, name: name, host: said("hostname"), port: said("port"), user: said("user"),
            alias: all["hostkeyalias"]?.first)
        let file = { (path: String) in paths.expanding(path) }
        var settings = ConnectionSettings()
        settings.address = one("hostname")
        settings.user = one("user")
        settings.port = one("port").flatMap { UInt16($0) }
        settings.identityFiles = (values["identityfile"] ?? []).filter { $0 != "none" }.map(file)
        settings.identityAgent = values["identityagent"]?.first.map(file)
        settings.knownHostsFiles = knownHostsFiles(values, all)?.map(file)
        settings.checksHostKey = one("stricthostkeychecking").map { !["false", "no", "off"].contains($0) }
        settings.hostKeyAlias = one("hostkeyalias")
        settings.proxy = one("proxycommand").map { .command($0) } ?? one("proxyjump").map { .jump($0) }
        settings.connectTimeout = one("connecttimeout").flatMap { Int($0) }.map { .seconds($0) }
        settings.addressFamily = one("addressfamily").flatMap { Endpoint.AddressFamily(rawValue: $0) }
        settings.wants = OpenSSHWant.allCases.filter { want in
            keywords(want).contains { !["no", nil].contains(one($0)) }
        }
        return settings
    }

    /// The keywords that say so.
    private static func keywords(_ want: OpenSSHWant) -> [String] {
        switch want {
        case .boundAddress: ["bindaddress", "bindinterface"]
        case .revokedKeys: ["revokedhostkeys"]
        case .keyCommand: ["knownhostscommand"]
        case .certificate: ["certificatefile"]
        case .token: ["pkcs11provider"]
        case .hostBased: ["hostbasedauthentication"]
        }
    }

    /// The user's files and then the system's, where a file names either.
    private static func knownHostsFiles(_ values: [String: [String]], _ all: [String: [String]]) -> [String]? {
        let names = ["userknownhostsfile", "globalknownhostsfile"]
        guard names.contains(where: { values[$0] != nil }) else { return nil }
        let files = names.flatMap { (name: String) -> [Substring] in (all[name]?.first ?? "").split(separator: " ") }
        return files.filter { $0 != "none" && $0 != "/dev/null" }.map { String($0) }
    }

    private static func lines(_ text: String) -> [String: [String]] {
        text.split(whereSeparator: \.isNewline).reduce(into: [:]) { values, line in
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2 { values[String(words[0]), default: []].append(String(words[1])) }
        }
    }
}
