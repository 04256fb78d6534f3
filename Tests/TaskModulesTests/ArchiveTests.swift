import Fleet
import Foundation
import OrderedCollections
import TestSupport
import Testing
import Values

@testable import TaskModules

private func onHost(_ body: (HostStandIn) throws -> Void) async throws {
    try await withTemporaryFolder { try body(HostStandIn(folder: $0.path)) }
}

@Test(arguments: ["tar -czf", "tar -cf", "tar -cJf"])
func archivesAreUnpackedOnce(_ command: String) async throws {
    try await onHost { host in
        _ = try host.run(
            "mkdir -p p/'a b' out; echo 1 >p/one; echo 2 >p/'a b'/two; ln -s one p/link; cd p; \(command) ../p.tar .; mkdir ../other"
        )
        for (dest, remote) in [("out", false), ("other", true)] {
            let arguments: Variables = [
                "src": .string(host.path("p.tar")), "dest": .string(host.path(dest)), "remote_src": .bool(remote),
            ]
            _ = try host.converge("unarchive", arguments)
            #expect(try host.text("\(dest)/a b/two") == "2\n")
            try host.write("changed\n", to: "\(dest)/one")
            _ = try host.converge("unarchive", arguments)
            #expect(try host.text("\(dest)/one") == "1\n")
        }
    }
}

@Test func archivesGiveTheirFilesModes() async throws {
    try await onHost { host in
        _ = try host.run("mkdir p out; echo 1 >p/one; tar -cf p.tar p")
        let arguments: Variables = [
            "src": .string(host.path("p.tar")), "dest": .string(host.path("out")), "mode": .string("0750"),
        ]
        _ = try host.converge("unarchive", arguments)
        #expect(try host.mode("out/p/one") == 0o750)
    }
}

@Test func archivesNeedAFolderAndSkipWhatIsMade() async throws {
    try await onHost { host in
        _ = try host.run("mkdir out; echo 1 >one; tar -cf p.tar one")
        var arguments: Variables = ["src": .string(host.path("p.tar")), "dest": .string(host.path("nowhere"))]
        #expect(try host.apply("unarchive", arguments).failed)
        arguments["dest"] = .string(host.path("out"))
        arguments["creates"] = .string(host.path("one"))
        #expect(try host.apply("unarchive", arguments).skipped)
        arguments["creates"] = nil
        try host.write("no archive", to: "p.tar")
        let wrong = try host.apply("unarchive", arguments)
        #expect(wrong.failed && wrong.message?.contains("not an archive") == true)
    }
}

@Test func largeArchivesAreUploaded() async throws {
    try await onHost { host in
        _ = try host.run("mkdir out; head -c 2000000 /dev/urandom >big; tar -cf p.tar big")
        let result = try host.apply(
            "unarchive", ["src": .string(host.path("p.tar")), "dest": .string(host.path("out"))])
        #expect(result.changed)
        #expect(try host.run("cmp big out/big && [ \"$(ls -A out)\" = big ]").succeeded)
    }
}

@Test func answersOfServersAreRead() {
    let head =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Type: application/json; charset=utf-8\r\nX-Farm: north\r\n\r\n"
    let text = "http://x/b\n\(head.utf8.count)\n\(head){\"a\": [1, \"ü\"]}"
    let answer = HTTPAnswer(CommandResult(status: 0, output: Array(text.utf8)))
    let result = answer.result(asked: "http://x/a", wanted: [201], returnsContent: true, savedTo: nil)
    #expect(!result.failed && result.fields["status"] == .int(201) && result.fields["redirected"] == .bool(true))
    #expect(
        result.fields["json"] == .map(["a": .list([.int(1), .string("ü")])])
            && result.fields["x_farm"] == .string("north"))
    let refused = answer.result(asked: "http://x/a", wanted: [200], returnsContent: false, savedTo: nil)
    #expect(refused.failed && refused.message == "Status code was 201 and not [200]: HTTP 201: Created")
    let dead = HTTPAnswer(CommandResult(status: 7, errors: Array("refused\n".utf8)))
    #expect(
        dead.result(asked: "http://x", wanted: [200], returnsContent: false, savedTo: nil).fields["status"] == .int(-1))
}

@Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"), "needs python3 as a server"),
    arguments: [true, false])
func requestsAreMade(_ hasCurl: Bool) async throws {
    try await onHost { host in
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        server.arguments = ["-c", serverScript]
        let pipe = Pipe()
        server.standardOutput = pipe
        try server.run()
        // The test process blocks gentler signals, and the server would inherit that.
        defer { kill(server.processIdentifier, SIGKILL) }
        let port = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self).stripped
        var host = host
        if !hasCurl {
            // A folder of links to everything but curl.
            _ = try host.run(
                "mkdir bin; ln -s /usr/bin/* bin/; rm -f bin/curl")
            let path = host.path("bin")
            host.shell = { ["/usr/bin/env", "PATH=\(path)", "/bin/sh", $0] }
        }
        let base = "http://127.0.0.1:\(port)"
        let get = try host.apply("uri", ["url": .string(base + "/state?x=1"), "return_content": .bool(true)])
        #expect(get.fields["content"] == .string("GET /state?x=1 "), "\(get)")
        let post = try host.apply(
            "uri",
            [
                "url": .string(base + "/pens"), "method": .string("POST"), "body_format": .string("json"),
                "body": .map(["name": .string("west side"), "size": .int(4)]), "return_content": .bool(true),
            ])
        #expect(post.fields["content"] == .string("POST /pens {\"name\": \"west side\", \"size\": 4}"), "\(post)")
        let moved = try host.apply("uri", ["url": .string(base + "/moved"), "return_content": .bool(true)])
        #expect(
            moved.fields["content"] == .string("GET /there ") && moved.fields["redirected"] == .bool(true), "\(moved)")
        #expect(try host.apply("uri", ["url": .string(base + "/missing")]).failed)
        #expect(try !host.apply("uri", ["url": .string(base + "/missing"), "status_code": .list([.int(404)])]).failed)
        let saved = try host.apply(
            "uri", ["url": .string(base + "/x"), "dest": .string(host.path("saved")), "mode": .string("0600")])
        #expect(saved.changed)
        #expect(try host.text("saved") == "GET /x " && host.mode("saved") == 0o600)
        let secret = #"p\a"s's word"#
        let got = try host.apply(
            "get_url",
            [
                "url": .string(base + "/who"), "dest": .string(host.path("who")), "url_username": .string("me"),
                "url_password": .string(secret), "headers": .map(["X-Token": .string("to \"ken")]),
            ])
        #expect(got.changed, "\(got)")
        let credentials = Data("me:\(secret)".utf8).base64EncodedString()
        #expect(try host.text("who") == "Basic \(credentials), to \"ken")
        #expect(
            try host.apply("uri", ["url": .string("http://127.0.0.1:9/"), "timeout": .int(2)]).fields["status"]
                == .int(-1))
    }
}

private let serverScript = """
    import http.server, sys
    class H(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
            if self.path == '/moved':
                self.send_response(302); self.send_header('Location', '/there'); self.end_headers(); return
            if self.path == '/who':
                self.send_response(200); self.end_headers()
                self.wfile.write((self.headers['Authorization'] + ', ' + self.headers['X-Token']).encode()); return
            self.send_response(404 if self.path == '/missing' else 200); self.end_headers()
            self.wfile.write((self.command + ' ' + self.path + ' ').encode() + body)
        do_GET = do_POST = answer
        def log_message(self, *a): pass
    s = http.server.HTTPServer(('127.0.0.1', 0), H)
    print(s.server_port, flush=True)
    s.serve_forever()
    """
