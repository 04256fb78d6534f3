import Fleet
import Foundation
import OrderedCollections
import Testing
import Values

@testable import TaskModules

/// This machine as a host: scripts are run by its `/bin/sh`, in a folder of the test's own.
struct HostStandIn {
    let folder: String
    /// What runs a script file; this machine's shell unless a trial on another host says otherwise.
    var shell: @Sendable (_ scriptFile: String) -> [String] = { ["/bin/sh", $0] }

    /// Runs `script` as a transport would.
    func run(_ script: String, input: [UInt8] = []) throws -> CommandResult {
        let process = Process()
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let scriptFile = folder + "/.script-\(UUID().uuidString)"
        try Data(script.utf8).write(to: URL(fileURLWithPath: scriptFile))
        defer { try? FileManager.default.removeItem(atPath: scriptFile) }
        let files = (0..<3).map { folder + "/.stream\($0)-\(UUID().uuidString)" }
        defer { for file in files { try? FileManager.default.removeItem(atPath: file) } }
        try Data(input).write(to: URL(fileURLWithPath: files[0]))
        for file in files[1...] { try Data().write(to: URL(fileURLWithPath: file)) }
        let words = shell(scriptFile)
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: files[0]))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: files[1]))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: files[2]))
        try process.run()
        process.waitUntilExit()
        let signal = process.terminationReason == .uncaughtSignal
        return CommandResult(
            status: process.terminationStatus + (signal ? 128 : 0),
            output: [UInt8](try Data(contentsOf: URL(fileURLWithPath: files[1]))),
            errors: [UInt8](try Data(contentsOf: URL(fileURLWithPath: files[2]))))
    }

    /// Asks `probes` in one script.
    func ask(_ probes: [Probe]) throws -> ProbeAnswers {
        let script = ProbeScript(probes)
        return try script.answers(in: try run(script.shellLine).output)
    }

    /// What a task comes to, asking as long as its module wants to know more.
    func plan(_ name: String, _ arguments: Variables, freeForm: String? = nil, context: ModuleContext = .test()) throws
        -> Step
    {
        let type = try #require(ModuleCatalog.module(named: name))
        let checked = try type.specification.arguments(arguments, freeForm: freeForm, at: SourceLocation(file: "t.yml"))
        let module = try type.init(checked, context)
        var snapshot = Snapshot()
        for _ in 0..<5 {
            let missing = snapshot.missing(module.probes(given: snapshot))
            if missing.isEmpty { break }
            snapshot.merge(try ask(missing))
        }
        return try module.step(snapshot)
    }

    /// Does what a task comes to.
    func apply(_ name: String, _ arguments: Variables, freeForm: String? = nil, context: ModuleContext = .test()) throws
        -> TaskResult
    {
        switch try plan(name, arguments, freeForm: freeForm, context: context) {
        case .converged(let result), .skipped(let result), .failed(let result): return result
        case .change(let change):
            if let upload = change.upload {
                try FileManager.default.copyItem(atPath: upload.local, toPath: upload.remote)
            }
            let answer = try run(change.script, input: change.input)
            if let interpret = change.interpret { return interpret(answer) }
            return answer.succeeded ? change.predicted : .failure(of: answer)
        }
    }

    /// Applies a task twice: the first time it changes something, the second time nothing.
    func converge(
        _ name: String, _ arguments: Variables, context: ModuleContext = .test(),
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws -> TaskResult {
        let first = try apply(name, arguments, context: context)
        #expect(!first.failed, "\(first.message ?? "")", sourceLocation: sourceLocation)
        #expect(first.changed, sourceLocation: sourceLocation)
        let second = try plan(name, arguments, context: context)
        guard case .converged = second else {
            Issue.record("not converged: \(second)", sourceLocation: sourceLocation)
            return first
        }
        return first
    }

    func path(_ name: String) -> String { folder + "/" + name }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
        return try #require(attributes[.posixPermissions] as? Int)
    }
}

extension ModuleContext {
    /// A context whose files are the local ones and whose templates are their own text.
    static func test(isCheck: Bool = false, wantsDiff: Bool = false) -> ModuleContext {
        ModuleContext(
            isCheck: isCheck, wantsDiff: wantsDiff, privilege: .login, find: { $1 },
            read: { [UInt8](try Data(contentsOf: URL(fileURLWithPath: $0))) },
            render: { try String(contentsOfFile: $0, encoding: .utf8) },
            evaluate: { $0 == "true" ? .bool(true) : $0 == "false" ? .bool(false) : .string($0) },
            holds: { condition in
                guard let flag = ["true": true, "false": false][condition] else { throw InputError("no condition") }
                return flag
            })
    }
}
