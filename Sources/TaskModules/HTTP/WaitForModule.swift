import Fleet
import OrderedCollections
import Values

/// Waits on the host until a port answers, a file is there, or the opposite.
struct WaitForModule: TaskModule {
    /// Parameters of `wait_for`; `drained` needs a look into the kernel's connections that Drover does not take.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification(
            "wait_for",
            parameters: [
                .init("host"), .init("port", .int), .init("path", .path), .init("timeout", .int),
                .init("connect_timeout", .int), .init("delay", .int), .init("sleep", .int), .init("search_regex"),
                .init("state", choices: ["absent", "present", "started", "stopped"]), .init("msg"),
            ])
        specification.exclusive = [["port", "path"]]
        return specification
    }()

    private let host: String
    private let port: Int?
    private let path: HostPath?
    private let timeout: Int
    private let connectTimeout: Int
    private let delay: Int
    private let pause: Int
    private let expression: String?
    private let state: String
    private let message: String?

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        host = try arguments.string("host") ?? "127.0.0.1"
        port = try arguments.int("port")
        path = try arguments.path("path").map(HostPath.init)
        timeout = try arguments.int("timeout") ?? 300
        connectTimeout = try arguments.int("connect_timeout") ?? 5
        delay = try arguments.int("delay") ?? 0
        pause = try arguments.int("sleep") ?? 1
        expression = try arguments.string("search_regex")
        state = try arguments.string("state") ?? "started"
        message = try arguments.string("msg")
        if path != nil, state == "stopped" { throw arguments.wrong("state", "can be 'stopped' only for a port") }
        if let port, !(1...65535).contains(port) { throw arguments.wrong("port", "must be between 1 and 65535") }
    }

    func probes(given snapshot: Snapshot) -> [Probe] { path?.probes() ?? [] }

    private var isEnding: Bool { state == "absent" || state == "stopped" }

    func step(_ snapshot: Snapshot) -> Step {
        let place = path.map { $0.resolved(snapshot) ?? $0.written }
        var fields: Variables = ["state": .string(state), "search_regex": expression.map(Value.string) ?? .null]
        fields["port"] = port.map(Value.int) ?? .null
        fields["path"] = place.map(Value.string) ?? .null
        // Drover keeps no groups of a match; where there can be none, nothing is missing.
        if expression?.contains("(") != true {
            fields["match_groups"] = .list([])
            fields["match_groupdict"] = Variables().asMap
        }
        var change = Change(script: script(place), predicted: TaskResult(fields: fields), touches: .nothing)
        change.isSkippedInCheckMode = true
        let (failure, predicted) = (message ?? complaint(place), change.predicted)
        change.interpret = { answer in
            let elapsed: Variables = ["elapsed": .int(Int(answer.elapsed.components.seconds))]
            guard answer.succeeded else {
                let message = answer.status == 75 ? failure : TaskResult.failure(of: answer).message
                return TaskResult(failed: true, message: message, fields: elapsed)
            }
            var result = predicted
            result.fields.merge(elapsed) { $1 }
            return result.completed(by: answer)
        }
        return .change(change)
    }

    private func complaint(_ path: String?) -> String {
        let thing = path ?? "\(host):\(port ?? 0)"
        let search = expression.map { "Timeout when waiting for search string \($0) in \(thing)" }
        return isEnding
            ? "Timeout when waiting for \(thing) to \(path == nil ? "stop" : "be absent")."
            : search ?? "Timeout when waiting for \(path == nil ? "" : "file ")\(thing)"
    }

    /// Status 75 tells that the time is over.
    private func script(_ path: String?) -> String {
        var lines = delay > 0 ? ["sleep \(delay)"] : []
        guard path != nil || port != nil else { return (lines + ["sleep \(timeout)"]).joined(separator: "\n") + "\n" }
        lines += [
            "c() { \(test(path)); }", "e=$(($(date +%s) + \(timeout)))",
            "until \(isEnding ? "! c" : "c"); do [ \"$(date +%s)\" -lt $e ] || exit 75; sleep \(pause); done",
        ]
        if let path, !isEnding { lines.append(PathReport.line(of: path.quoted)) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// bash opens TCP connections by itself; Debian always has it.
    private func test(_ path: String?) -> String {
        let search = expression.map { "grep -qP -- \($0.quoted)" }
        if let path { return search.map { "\($0) \(path.quoted) 2>/dev/null" } ?? "[ -e \(path.quoted) ]" }
        let connect = search.map { "exec 3<>\"/dev/tcp/$0/$1\" && \($0) <&3" } ?? "exec 3<>\"/dev/tcp/$0/$1\""
        return "timeout \(connectTimeout) bash -c \(connect.quoted) \(host.quoted) \(port ?? 0) 2>/dev/null </dev/null"
    }
}
