import Fleet
import OrderedCollections
import Values

/// Downloads a file on the host.
struct GetURLModule: TaskModule {
    /// Parameters of `get_url`.
    static let specification = ModuleSpecification(
        "get_url",
        parameters: [
            .init("url", required: true), .init("dest", .path, required: true), .init("checksum"),
            .init("force", .bool), .init("backup", .bool), .init("headers", .map), .init("timeout", .int),
            .init("validate_certs", .bool), .init("url_username", aliases: ["username"]),
            .init("url_password", aliases: ["password"]), .init("force_basic_auth", .bool), .init("http_agent"),
        ] + FileAttributes.parameters)

    private let download: Download
    private let dest: HostPath
    private let sum: (program: String, hex: String)?
    private let force: Bool
    private let keepsBackup: Bool
    private let attributes: FileAttributes
    private let isCheck: Bool

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        download = try Download(arguments)
        dest = HostPath(try arguments.requiredPath("dest"))
        sum = try Self.sum(arguments)
        force = try arguments.bool("force")
        keepsBackup = try arguments.bool("backup")
        attributes = try FileAttributes(arguments)
        isCheck = context.isCheck
    }

    private static func sum(_ arguments: ModuleArguments) throws(InputError) -> (program: String, hex: String)? {
        guard let text = try arguments.string("checksum"), !text.isEmpty else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let lengths = ["md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128]
        guard parts.count == 2, let length = lengths[parts[0]] else {
            throw arguments.wrong("checksum", "must be written algorithm:digits, such as sha256:…")
        }
        guard parts[1].count == length, parts[1].allSatisfy(\.isHexDigit) else {
            throw arguments.wrong("checksum", "must have \(length) hexadecimal digits behind '\(parts[0]):'")
        }
        return (parts[0] + "sum", parts[1].lowercased())
    }

    private func place(_ snapshot: Snapshot) -> String? {
        guard let path = dest.resolved(snapshot) else { return nil }
        let isFolder = path.hasSuffix("/") || snapshot.target(path)?.kind == .directory
        return isFolder ? path.appendingPath(download.fileName) : path
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        guard let path = dest.resolved(snapshot), let place = place(snapshot) else { return dest.probes() }
        var probes: [Probe] = [.target(path), .target(place), .session]
        if let sum { probes.append(.query(Self.digest(sum.program, place))) }
        if isCheck, sum == nil, snapshot.target(place) != nil {
            probes += [.sha1(place), .query(download.digestLine)]
        }
        return probes
    }

    private static func digest(_ program: String, _ path: String) -> String { "\(program) <\(path.quoted)" }

    func step(_ snapshot: Snapshot) throws -> Step {
        guard let path = place(snapshot) else { return .failed(TaskResult(failed: true, message: "unknown path")) }
        let state = snapshot.target(path)
        let fields: Variables = ["dest": .string(path), "url": .string(download.url)]
        let umask = snapshot.session.umask
        if let state, isSame(path, snapshot) {
            return attributes.step(path, state, fields, umask: umask, message: "file already exists")
        }
        var write = FileWrite(path: path, existing: state, attributes: attributes, session: snapshot.session)
        write.source = .lines(download.lines(to: #""$t""#) + check + Self.digestLines)
        write.comparesFirst = true
        write.keepsBackup = keepsBackup
        var result = TaskResult(changed: true, message: "OK", fields: fields)
        result.fields.merge(write.after(size: state?.size ?? 0).resultFields) { $1 }
        let script = try write.script() + PathReport.line(of: path.quoted) + "\n"
        var change = Change(script: script, predicted: result, touches: .paths([path]))
        change.diffs = [Diff(path, before: state.map { _ in "" }, after: "(from \(download.url))\n")]
        let predicted = result
        change.interpret = { Self.result(of: $0, predicted) }
        return .change(change)
    }

    /// Tell what was downloaded, and what it takes the place of.
    private static let digestLines = [
        #"printf 'md5sum=%s\nchecksum_src=%s\n' "$(md5sum <"$t" | cut -c 1-32)" "$(sha1sum <"$t" | cut -c 1-40)""#,
        #"[ ! -f "$d" ] || printf 'checksum_dest=%s\n' "$(sha1sum <"$d" | cut -c 1-40)""#,
    ]

    private static func result(of answer: CommandResult, _ predicted: TaskResult) -> TaskResult {
        var result = predicted.completed(by: answer)
        let elapsed = Value.int(Int(answer.elapsed.components.seconds))
        guard answer.succeeded else {
            for name in ["dest", "url"] { result.fields[name] = predicted.fields[name] }
            result.fields["elapsed"] = elapsed
            return result
        }
        if result.fields.removeValue(forKey: "unchanged") != nil { result.changed = false }
        result.fields["attributes"] = nil
        (result.fields["elapsed"], result.fields["status_code"]) = (elapsed, .int(200))
        result.fields["checksum_dest"] = result.fields["checksum_dest"] ?? .null
        if case .int(let size)? = result.fields["size"] { result.message = "OK (\(size) bytes)" }
        return result
    }

    private func isSame(_ path: String, _ snapshot: Snapshot) -> Bool {
        if let sum {
            return !force && snapshot.output(Self.digest(sum.program, path))?.text.hasPrefix(sum.hex) == true
        }
        guard isCheck, let own = snapshot.sha1(path) else { return false }
        return snapshot.output(download.digestLine)?.text.hasPrefix(own) == true
    }

    private var check: [String] {
        guard let sum else { return [] }
        return [
            "case $(\(sum.program) <\"$t\") in \(sum.hex)*) ;;",
            "*) echo \"the checksum of \(download.url.filter { !"\"$`\\".contains($0) }) is not \(sum.hex)\" >&2; exit 1 ;; esac",
        ]
    }
}

/// A download with whatever program the host has for it.
struct Download: Sendable {
    let url: String
    private let headers: [String]
    private let timeout: Int
    private let checksCertificate: Bool
    private let user: Secret<String>?
    private let agent: String

    /// Reads the parameters that `get_url` has for the request.
    init(_ arguments: ModuleArguments) throws(InputError) {
        let written = try arguments.required("url")
        guard written.contains("://"), !written.contains(where: \.isNewline) else {
            throw arguments.wrong("url", "must begin with a scheme, such as https://")
        }
        let secrets = URLSecrets(written)
        url = secrets.address
        headers = try arguments.headerLines()
        timeout = try arguments.int("timeout") ?? 10
        checksCertificate = try arguments.bool("validate_certs", default: true)
        let password = try arguments.string("url_password") ?? ""
        let login = try arguments.string("url_username").map { ($0, password) } ?? secrets.login
        user = login.map { Secret($0.0 + ":" + $0.1) }
        agent = try arguments.string("http_agent") ?? "drover"
    }

    /// The last part of the address.
    var fileName: String {
        let path = url.prefix { $0 != "?" && $0 != "#" }
        let name = String(path).lastPathPart
        return name.isEmpty || name.contains("://") ? "index.html" : name
    }

    /// Downloads to a file, a word of the shell.
    func lines(to file: String) -> [String] {
        [
            "if command -v curl >/dev/null; then \(curl) -o \(file)",
            "elif command -v wget >/dev/null; then \(wget(to: file))",
        ]
            + (headers.isEmpty && user == nil && !URLSecrets.mayStand(in: url)
                ? [
                    "elif [ -x /usr/lib/apt/apt-helper ]; then /usr/lib/apt/apt-helper download-file \(url.quoted) \(file) >&2"
                ]
                : []) + ["else echo 'neither curl nor wget is there to download with' >&2; exit 1; fi"]
    }

    /// Prints the SHA-1 of what is there to download.
    var digestLine: String {
        "t=$(mktemp -d); trap 'rm -rf \"$t\"' EXIT; " + lines(to: #""$t/f""#).joined(separator: "; ")
            + "; sha1sum <\"$t/f\""
    }

    private var curl: String {
        var words = ["curl", "-gfsSL", "--connect-timeout", String(timeout), "-A", agent]
        if !checksCertificate { words.append("-k") }
        var settings = headers.map { "header = \(Self.curlText($0))" }
        if let user { settings.append("user = \(Self.curlText(user.reveal()))") }
        settings.append("url = \(Self.curlText(url))")
        // In its arguments, every user of the host could see them.
        return "printf '%s\\n' \(shellWords(settings)) | \(shellWords(words + ["-K", "-"]))"
    }

    private static func curlText(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private func wget(to file: String) -> String {
        var words = ["wget", "-q", "-T", String(timeout), "-U", agent]
        if !checksCertificate { words.append("--no-check-certificate") }
        var settings = headers.map { "header = \($0)" }
        if let parts = user?.reveal().split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false) {
            settings += ["auth_no_challenge = on", "user = \(parts[0])", "password = \(parts[1])"]
        }
        let given = "printf '%s\\n' \(url.quoted) | \(shellWords(words)) -i - -O \(file)"
        if settings.isEmpty { return given }
        // As above; wget reads settings from a file only.
        return "{ c=$(mktemp) && printf '%s\\n' \(shellWords(settings)) >\"$c\"; "
            + "\(given) --config=\"$c\"; r=$?; rm -f \"$c\"; (exit $r); }"
    }
}
