import Fleet
import Foundation
import TestSupport
import Testing

@testable import SSH

/// What Drover takes from the files that configure OpenSSH's client, against what the installed `ssh` takes from them.
@Suite(.timeLimit(.minutes(5)))
struct ClientConfigurationTests {
    private func withConfig<Result>(
        _ files: [String: String], _ body: (OpenSSHClient.Configuration, String) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            for (name, text) in files {
                try text.replacing("FOLDER", with: folder.path).write(
                    toFile: folder.path + "/" + name, atomically: true, encoding: .utf8)
            }
            return try await body(.file(folder.path + "/config"), folder.path)
        }
    }

    /// What `ssh -G` prints for a host.
    private func answer(_ words: [String]) async throws -> [String: [String]] {
        let done = try await DroverProgram.run(["ssh", "-G"] + words)
        #expect(done.status == 0, "\(done.errors)")
        return done.output.split(separator: "\n").reduce(into: [:]) { values, line in
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2 { values[String(words[0]), default: []].append(String(words[1])) }
        }
    }

    /// What Drover makes of a host, and what `ssh` says, in the same words.
    private func compare(
        _ client: OpenSSHClient, _ file: String, _ name: String, user: String?,
        at location: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        let said = try await client.settings(for: name, user: user, port: nil, host: try HostName("h"))
        let wanted = try await answer(["-F", file] + (user.map { ["-l", $0] } ?? []) + ["--", name])
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let context = Comment("\(name) by \(user ?? "-") of\n\(text)")
        let first = { (keyword: String) in wanted[keyword]?.first }
        #expect(said?.address ?? name.lowercased() == first("hostname"), context, sourceLocation: location)
        #expect(String(said?.port ?? 22) == first("port"), context, sourceLocation: location)
        #expect(said?.user ?? user ?? NSUserName() == first("user"), context, sourceLocation: location)
        #expect(said?.hostKeyAlias == first("hostkeyalias"), context, sourceLocation: location)
        let usual = first("identityfile") == "~/.ssh/id_rsa"
        let tokens = [("%h", first("hostname") ?? ""), ("%n", name), ("%r", first("user") ?? ""), ("%%", "%")]
        let keys = (wanted["identityfile"] ?? []).map { tokens.reduce($0) { $0.replacing($1.0, with: $1.1) } }
        #expect((said?.identityFiles ?? []) == (usual ? [] : keys), context, sourceLocation: location)
        let time = said?.connectTimeout.map { String($0.components.seconds) } ?? "none"
        #expect(time == first("connecttimeout"), context, sourceLocation: location)
        #expect(said?.wants.contains(.boundAddress) ?? false == (first("bindaddress") != nil), context)
    }

    static let configurations: [(name: String, config: String, more: String)] = [
        ("a program that says yes", "Match exec \"true\"\nPort 2222\n", ""),
        ("a program that says no", "Match exec \"false\"\nPort 2222\nHost *\nPort 2\n", ""),
        ("tokens", "Match exec \"test %h.%n.%p.%r.%u = a.a.22.$(id -un).$(id -un)\"\nPort 2222\n", ""),
        ("local tokens", "Match exec \"test %l.%i.%d = $(hostname).$(id -u).$HOME && test -n '%L%C%k'\"\nPort 3\n", ""),
        ("not a program", "Match !exec \"false\" host a,b\nPort 2222\n", ""),
        ("several criteria", "Match user ops host a exec \"true\"\nPort 1\nMatch user ops\nPort 2\n", ""),
        ("localuser", "Match localuser nobody-here\nPort 1\nMatch localuser *\nPort 2\n", ""),
        ("originalhost", "Host a\nHostName B\nMatch host b\nPort 1\nMatch originalhost a\nPort 2\nUser ops\n", ""),
        ("host after HostName", "Match host a\nConnectTimeout 4\nHost a\nHostName b\nMatch host b\nPort 1\n", ""),
        ("final", "Host a\nHostName b\nMatch final host b\nPort 7\n", ""),
        ("final re-reads Host", "Host a\nHostName b\nHost b\nPort 7\nMatch final all\nCompression yes\n", ""),
        ("final re-reads in small letters", "Host web\nPort 7\nMatch final all\nCompression yes\n", ""),
        ("canonical", "Match canonical all\nPort 7\nMatch all\nPort 8\n", ""),
        ("canonicalisation", "CanonicalizeHostname always\nMatch canonical host a\nPort 7\n", ""),
        ("all again", "Host b\nPort 1\nMatch all\nPort 2\nHost *\nPort 3\n", ""),
        (
            "included in a Match", "Match exec \"true\"\nInclude FOLDER/more\nHost b\nPort 9\n",
            "Port 5\nHost b\nUser o\n"
        ),
        (
            "included in a Match that fails", "Match exec \"false\"\nInclude FOLDER/more\n",
            "Port 5\nMatch all\nPort 6\n"
        ),
        (
            "included in a Host", "Host a\nInclude FOLDER/m*\nPort 4\n",
            "ConnectTimeout 3\nHost b\nPort 5\nHost *\nUser o\n"
        ),
        ("negated", "Host * !b\nPort 1\nHost !a\nPort 2\n", ""),
        ("capitals", "Host WEB\nPort 1\nHost * !web\nPort 2\n", ""), ("quoted", "Host 'a' \"b\" # !b\nPort 1\n", ""),
        ("with equals signs", "Host=a\nPort=1\nMatch host=b\nPort=2\n", ""),
        ("keys with tokens", "Host a\nIdentityFile /k/%h/%n/%r/%%\nMatch exec true\nIdentityFile /x\n", ""),
        ("an address to leave by", "Match exec true host a\nBindAddress 127.0.0.1\n", ""),
        ("an address that is another's name", "HostName b\n", ""),
        ("an alias", "Host *\nHostKeyAlias %n.example\nMatch user ops\nHostName 10.0.0.1\n", ""),
        ("unknown to be ignored", "IgnoreUnknown Foo*\nFooBar a\nHost a\nFooBaz 1\nPort 4\n", ""),
    ]

    /// `Match host=b` is for newer ones alone.
    @Test(arguments: configurations)
    func comesToWhatOpenSSHComesTo(_ name: String, _ config: String, _ more: String) async throws {
        try await withConfig(["config": config, "more": more]) { configuration, folder in
            let usable = try await DroverProgram.run(["ssh", "-G", "-F", folder + "/config", "a"])
            guard usable.status == 0 else { return }
            let client = OpenSSHClient(configuration)
            for name in ["b", "a", "WEB"] {
                for user in [nil, "ops"] { try await compare(client, folder + "/config", name, user: user) }
            }
        }
    }

    @Test func whateverStandsInThem() async throws {
        let values = [
            "Port 1", "Port 2", "User ops", "User me", "HostName b", "HostName C", "HostName %h.example",
            "ConnectTimeout 3",
            "IdentityFile /k1", "IdentityFile /k2", "HostKeyAlias x", "BindAddress 127.0.0.1", "Compression yes",
        ]
        let scopes = [
            "Host a", "Host *", "Host !a *", "Host WEB b", "Host b.example", "Match all", "Match exec true",
            "Match exec false", "Match !exec \"test %n = a\"", "Match host b", "Match originalhost a !user ops",
            "Match user ops", "Match final host b", "Match final all", "Match canonical all",
            "Match localuser root user me",
            "Include FOLDER/more",
        ]
        for seed in 0..<30 as Range<UInt64> {
            var dice = Dice(seed)
            func text(_ lines: Int) -> String {
                (0..<lines).map { _ in dice.below(3) == 0 ? dice.pick(scopes) : dice.pick(values) }.joined(
                    separator: "\n")
            }
            let files = ["config": text(12), "more": text(4).replacing("Include FOLDER/more", with: "Host ?")]
            try await withConfig(files) { configuration, folder in
                let client = OpenSSHClient(configuration)
                for name in ["a", "b", "WEB"] {
                    try await compare(client, folder + "/config", name, user: dice.pick([nil, "ops"]))
                }
            }
        }
    }

    /// A master that connects in libssh2's place reads the files once more, with what is known by then.
    @Test(arguments: configurations)
    func theMasterComesToTheSame(_ name: String, _ config: String, _ more: String) async throws {
        try await withConfig(["config": config, "more": more]) { configuration, folder in
            let usable = try await DroverProgram.run(["ssh", "-G", "-F", folder + "/config", "a"])
            guard usable.status == 0, let control = ControlFolder() else { return }
            defer { control.remove() }
            for name in ["a", "b"] {
                let route = Route(host: try HostName("h"), name: name)
                let settings = try await OpenSSHClient(configuration).settings(
                    for: name, user: nil, port: nil, host: route.host)
                let endpoint = Endpoint(route, over: settings ?? ConnectionSettings())
                let words = OpenSSHLine(configuration: configuration).master(
                    of: endpoint, in: control, HostKeyKnowledge(files: ["/dev/null"], name: nil), through: nil,
                    agent: nil,
                    SSHSettings())
                let (own, plain) = (
                    try await answer(Array(words.dropFirst())), try await answer(["-F", folder + "/config", name])
                )
                for keyword in ["hostname", "port", "user", "identityfile", "bindaddress", "compression"] {
                    #expect(own[keyword] == plain[keyword], "\(keyword) of \(name)")
                }
            }
        }
    }

    // MARK: Who is asked about

    @Test(arguments: [
        ("Host b\nPort 1\n", ClientConfiguration.Concern.none, false), ("Host a\nPort 1\n", .shared([0]), false),
        ("Host a\nCompression yes\nLogLevel DEBUG\n", .none, false), ("Host *\nSomethingNew 1\n", .shared([0]), false),
        ("Match user x\nCompression yes\n", .none, false), ("Match user x\nPort 1\n", .own, false),
        ("Match exec true\nCompression yes\n", .none, true), ("Match !exec true\nPort 1\n", .own, true),
        ("Match localnetwork 10.0.0.0/8\nCiphers x\n", .none, true), ("Match all\nPort 1\n", .shared([0]), false),
        ("Host a\nIdentityFile ${HOME}/x\n", .shared([0]), true), ("Host b\nMatch exec true\n", .none, false),
        ("Host a\nIdentityFile /%h\n", .own, false), ("Host \"a\n", .shared([0, 1]), false),
        ("Include /no/such/%h\n", .own, true),
    ])
    func onlyWhatMattersIsAskedFor(_ config: String, _ concern: ClientConfiguration.Concern, _ isLive: Bool)
        async throws
    {
        try await withConfig(["config": config]) { configuration, _ in
            let read = ClientConfiguration(configuration)
            let isBroken = config.contains("\"a\n")
            #expect(isBroken ? read.concern(for: "zzz") != .none : read.concern(for: "a") == concern)
            #expect(read.dependsOnSurroundings(for: "a") == isLive)
        }
    }

    @Test func includedFilesAreKnown() async throws {
        let files = ["config": "Include FOLDER/more* FOLDER/none\n", "more1": "Include FOLDER/other\n", "other": ""]
        try await withConfig(files) { configuration, folder in
            let names = { ClientConfiguration(configuration).files.map { $0.split(separator: "/").last ?? "" } }
            #expect(names() == ["config", "more1", "other"])
            let before = FileStamp.settings(configuration)
            #expect(FileStamp.settings(configuration) == before)
            for (name, text) in [("other", "Port 1\n"), ("more2", "")] {
                let last = FileStamp.settings(configuration)
                try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
                #expect(FileStamp.settings(configuration) != last, "\(name)")
            }
            #expect(names() == ["config", "more1", "other", "more2"])
        }
    }

    /// They are looked for where the user's own file is, wherever the one is that names them.
    @Test func whatIsIncludedWithoutAFolderIsInTheUsersOwn() async throws {
        try await withTemporaryFolder { home in
            try FileManager.default.createDirectory(atPath: home.path + "/.ssh/d", withIntermediateDirectories: true)
            try "Port 1\n".write(toFile: home.path + "/.ssh/d/one", atomically: true, encoding: .utf8)
            try await withConfig(["config": "Include d/*\nInclude ~/.ssh/d/one\n"]) { configuration, folder in
                let read = ClientConfiguration(configuration, home: home.path)
                #expect(read.files == [folder + "/config"] + Array(repeating: home.path + "/.ssh/d/one", count: 2))
                #expect(read.concern(for: "a") == .shared([0, 1]))
            }
        }
    }
}
