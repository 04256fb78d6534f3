import Fleet
import Inventories
import Values

extension ServiceFileReader {
    func gates(_ node: SourceNode) throws(InputError) -> [ServiceFile.Gate] {
        guard let items = node.items else {
            throw InputError("gates must be a list, but is \(node.summary)", at: node.location)
        }
        var gates: [ServiceFile.Gate] = []
        for item in items {
            if let gate = mistakes.attempt({ () throws(InputError) in try self.gate(item) }) { gates.append(gate) }
        }
        return gates
    }

    private func gate(_ node: SourceNode) throws(InputError) -> ServiceFile.Gate {
        let fields = try ServiceFileFields(node, .gate, mistakes)
        switch (fields["http"], try fields.optionalText("command")) {
        case (let http?, nil):
            let timeout = try fields.duration("timeout", in: ServiceKeys.pageTime)
            return try self.http(http, timeout: timeout)
        case (nil, let command?):
            if let fault = GateCommand(line: command, folder: folder, searchPath: searchPath).fault {
                throw InputError(fault.message, at: fields.place("command"), hints: [fault.hint])
            }
            let timeout = try fields.duration("timeout", in: ServiceKeys.commandTime)
            return .command(command, timeout: timeout ?? ServiceKeys.usualCommandTime)
        default:
            throw fields.misspelling(of: "http") ?? fields.misspelling(of: "command")
                ?? InputError(
                    "a gate is one of http and command", at: node.location,
                    hints: ["for example: http: {path: /healthz, expect: 200}"])
        }
    }

    private func http(_ node: SourceNode, timeout: Duration?) throws(InputError) -> ServiceFile.Gate {
        let parts = try ServiceFileFields(node, .page, mistakes)
        let path = try parts.urlPath("path") ?? "/"
        let expect = try parts.optionalNumber("expect") ?? 200
        let port = try parts.optionalNumber("port")
        switch try parts.optionalText("to") ?? "balancers" {
        case "balancers":
            return .http(path: path, expect: expect, port: port ?? 80, timeout: timeout ?? ServiceKeys.usualPageTime)
        case "batch":
            if timeout == nil { return .host(path: path, expect: expect, port: port) }
            throw InputError(
                "a gate to the batch takes no timeout: each host has 3 s to answer", at: node.location)
        case let other:
            throw InputError(
                "'to' is one of balancers and batch, but is '\(other)'", at: parts.place("to"),
                hints: ["balancers: through every balancer; batch: on each host that just got the build"])
        }
    }
}
