import Fleet
import OrderedCollections
import Values

/// One HTTP request made by the host.
struct URIModule: TaskModule {
    /// Parameters of `uri`.
    static let specification = ModuleSpecification(
        "uri",
        parameters: [
            .init("url", required: true), .init("method"), .init("body", .raw),
            .init("body_format", choices: ["raw", "json", "form-urlencoded"]), .init("headers", .map),
            .init("status_code", .list), .init("return_content", .bool), .init("timeout", .int),
            .init("follow_redirects", .raw), .init("dest", .path), .init("creates", .path),
            .init("removes", .path), .init("validate_certs", .bool), .init("url_username", aliases: ["user"]),
            .init("url_password", aliases: ["password"]), .init("force_basic_auth", .bool), .init("http_agent"),
            .init("force", .bool), .init("use_proxy", .bool), .init("ca_path", .path),
        ] + FileAttributes.parameters)

    private let request: HTTPRequest
    private let statuses: [Int]
    private let returnsContent: Bool
    private let dest: HostPath?
    private let creates: HostPath?
    private let removes: HostPath?
    private let attributes: FileAttributes

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        request = try HTTPRequest(arguments)
        statuses = try (arguments.strings("status_code") ?? ["200"]).map { text in
            guard let status = Int(text) else {
                throw arguments.wrong("status_code", "holds '\(text)', which is no number")
            }
            return status
        }
        returnsContent = try arguments.bool("return_content")
        dest = try arguments.path("dest").map(HostPath.init)
        creates = try arguments.path("creates").map(HostPath.init)
        removes = try arguments.path("removes").map(HostPath.init)
        attributes = try FileAttributes(arguments)
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        var probes: [Probe] = []
        for path in [creates, removes].compactMap({ $0 }) {
            probes += path.resolved(snapshot).map { [.path($0)] } ?? path.probes()
        }
        if let dest { probes += dest.resolved(snapshot).map { [.target($0), .session] } ?? dest.probes() }
        return probes
    }

    func step(_ snapshot: Snapshot) throws -> Step {
        if let path = creates?.resolved(snapshot), snapshot.path(path) != nil {
            return .converged(TaskResult(fields: ["stdout": .string("skipped, since '\(path)' exists")]))
        }
        if let path = removes?.resolved(snapshot), snapshot.path(path) == nil {
            return .converged(TaskResult(fields: ["stdout": .string("skipped, since '\(path)' does not exist")]))
        }
        let place = dest.map { $0.resolved(snapshot) ?? $0.written }
        let saving = try place.map { try savingLines($0, snapshot) } ?? []
        var change = Change(
            script: strictScript(request.lines(saving: saving, for: statuses)), predicted: TaskResult(),
            touches: place.map { .paths([$0]) } ?? .nothing)
        change.input = request.body
        change.isSkippedInCheckMode = true
        let (statuses, returnsContent, url) = (statuses, returnsContent, request.url)
        change.interpret = { answer in
            HTTPAnswer(answer).result(asked: url, wanted: statuses, returnsContent: returnsContent, savedTo: place)
        }
        return .change(change)
    }

    /// Puts the body that is in `$w/b` where it is wanted.
    private func savingLines(_ path: String, _ snapshot: Snapshot) throws -> [String] {
        let isFolder = snapshot.target(path)?.kind == .directory
        let file = isFolder ? path.appendingPath(request.fileName) : path
        var write = FileWrite(
            path: file, existing: isFolder ? nil : snapshot.target(path), attributes: attributes,
            session: snapshot.session)
        write.source = .lines([#"cat "$w/b" >"$t""#])
        return ["(\n\(try write.script())) >/dev/null"]
    }
}
