import Fleet
import OrderedCollections
import Values

/// A request as `uri` describes it.
struct HTTPRequest: Sendable {
    let url: String
    let body: [UInt8]
    private let method: String
    private let headers: [String]
    private let timeout: Int
    private let checksCertificate: Bool
    private let followsRedirects: Bool

    /// Reads the parameters.
    init(_ arguments: ModuleArguments) throws(InputError) {
        let secrets = URLSecrets(try arguments.required("url"))
        url = secrets.address
        guard url.hasPrefix("http://") || url.hasPrefix("https://"), !url.contains(where: \.isNewline) else {
            throw arguments.wrong("url", "must begin with http:// or https://")
        }
        method = (try arguments.string("method") ?? "GET").uppercased()
        guard method.allSatisfy({ $0.isASCII && $0.isLetter }) else {
            throw arguments.wrong("method", "must be one word, such as POST")
        }
        var headers = try arguments.headerLines()
        let format = try arguments.string("body_format") ?? "raw"
        let types = ["json": "application/json", "form-urlencoded": "application/x-www-form-urlencoded"]
        if let type = types[format], !headers.contains(where: { $0.lowercased().hasPrefix("content-type:") }) {
            headers.append("Content-Type: \(type)")
        }
        let given = try arguments.string("url_username").map { user throws(InputError) in
            (user: user, password: try arguments.string("url_password") ?? "")
        }
        if let (user, password) = given ?? secrets.login {
            headers.append("Authorization: Basic \(Base64Coding.text(Array("\(user):\(password)".utf8)))")
        }
        headers.append("User-Agent: \(try arguments.string("http_agent") ?? "drover")")
        self.headers = headers
        body = arguments["body"].map { Array(Self.text($0, format).utf8) } ?? []
        timeout = try arguments.int("timeout") ?? 30
        checksCertificate = try arguments.bool("validate_certs", default: true)
        let redirects =
            arguments["follow_redirects"].map {
                $0.boolean(in: .argument).map { $0 ? "all" : "no" } ?? $0.plainText ?? ""
            }
            ?? "safe"
        followsRedirects =
            redirects == "all" || (redirects != "no" && redirects != "none" && ["GET", "HEAD"].contains(method))
    }

    /// The last part of the address.
    var fileName: String {
        let name = String(url.prefix { $0 != "?" && $0 != "#" }).lastPathPart
        return name.isEmpty || url.hasSuffix("/") ? "index.html" : name
    }

    private static func text(_ body: Value, _ format: String) -> String {
        if let text = body.text { return text }
        switch (format, body) {
        case ("form-urlencoded", .map(let fields)):
            return fields.flatMap { key, value -> [String] in
                let values = if case .list(let list) = value { list } else { [value] }
                return values.map { "\(encoded(key.plainText ?? ""))=\(encoded($0.plainText ?? ""))" }
            }.joined(separator: "&")
        default: return body.json()
        }
    }

    /// As forms encode text.
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "-_.~".utf8.contains(byte)
            if isPlain { return String(UnicodeScalar(byte)) }
            return byte == 0x20 ? "+" : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    /// Makes the request and writes the final address, the number of bytes of the head, head and body.
    ///
    /// curl is used where it is; bash can open a connection by itself, but without TLS.
    func lines(saving: [String], for statuses: [Int]) -> [String] {
        let save =
            saving.isEmpty
            ? [] : ["case $s in \(statuses.map(String.init).joined(separator: "|")))"] + saving + [";; esac"]
        return [
            "w=$(mktemp -d)", #"trap 'rm -rf -- "$w"' EXIT"#, #"cat >"$w/in""#, "u=\(url.quoted)", "n=0",
            "while :; do", ": >\"$w/h\"; : >\"$w/b\"",
            "if command -v curl >/dev/null; then \(curl)",
        ] + bash + [
            "else echo 'https needs curl on the host' >&2; exit 1; fi",
            #"s=$(sed -n 's/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$w/h" | tail -n 1)"#,
            #"l=$(sed -n 's/^[Ll]ocation: *\([^\r]*\).*/\1/p' "$w/h" | tail -n 1)"#,
            "n=$((n + 1))",
            "case $s in 301|302|303|307|308) [ -z \"$l\" ] || [ $n -gt 10 ] || [ \(followsRedirects ? "0" : "1") = 1 ] || {",
            #"case $l in *://*) u=$l ;; /*) r=${u#*://}; u=${u%%://*}://${r%%/*}$l ;; *) u=${u%/*}/$l ;; esac; continue; } ;; esac"#,
            "break; done",
        ] + save + [
            #"printf '%s\n%s\n' "$u" "$(wc -c <"$w/h")"; cat "$w/h" "$w/b""#
        ]
    }

    private var curl: String {
        var words = ["curl", "-gsS", "--max-time", String(timeout), "-X", method]
        if method == "HEAD" { words.append("-I") }
        if !checksCertificate { words.append("-k") }
        // Through files: a token in the arguments would be for every user of the host to see.
        let given =
            "printf '%s\\n' \(shellWords(headers)) >\"$w/q\"; "
            + #"printf '%s\n' "$u" | sed 's/[\\"]/\\&/g; s/^/url = "/; s/$/"/' >"$w/k"; "#
        let data = #" -H @"$w/q""# + (body.isEmpty ? "" : " --data-binary @\"$w/in\"")
        return given + shellWords(words) + data + #" -D "$w/h" -o "$w/b" -K "$w/k""#
    }

    private var bash: [String] {
        let length = body.isEmpty ? [] : ["Content-Length: \(body.count)"]
        let own = (headers + length + ["Connection: close"]).map { $0 + "\r\n" }.joined()
        return [
            #"elif [ "${u%%://*}" = http ]; then r=${u#*://}; a=${r%%/*}; q=/${r#"$a"}; q=/${q#//}; q=${q%%#*}"#,
            "p=${a##*:}; h=${a%:*}; [ \"$p\" != \"$a\" ] || p=80",
            "printf '%s %s HTTP/1.0\\r\\nHost: %s\\r\\n%s\\r\\n' \(method) \"$q\" \"$a\" \(own.quoted) >\"$w/q\"",
            "timeout \(timeout) bash -c 'exec 3<>\"/dev/tcp/$0/$1\" || exit 7; cat \"$2/q\" \"$2/in\" >&3; cat <&3 >\"$2/r\"' \"$h\" \"$p\" \"$w\"",
            #"sed '/^\r*$/q' "$w/r" >"$w/h"; tail -c +$(($(wc -c <"$w/h") + 1)) "$w/r" >"$w/b""#,
        ]
    }
}
