import Fleet
import OrderedCollections
import Values

/// A module whose result is known as soon as its arguments are.
protocol ControllerModule: TaskModule {
    /// What it comes to.
    var outcome: Step { get }
}

extension ControllerModule {
    func probes(given snapshot: Snapshot) -> [Probe] { [] }

    func step(_ snapshot: Snapshot) -> Step { outcome }
}

/// Sets variables on the host.
struct SetFactModule: ControllerModule {
    /// `set_fact` takes variables of any name.
    static let specification = ModuleSpecification(
        "set_fact", parameters: [.init("cacheable", .bool)], freeForm: false, anyParameter: true, runsOnController: true
    )

    let outcome: Step

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        var facts = arguments.values
        facts.removeValue(forKey: "cacheable")
        guard !facts.isEmpty else { throw InputError("set_fact needs at least one variable", at: arguments.location) }
        for name in facts.keys where !Self.isName(name) {
            throw InputError(
                "'\(name)' cannot be the name of a variable", at: arguments.location,
                hints: ["use letters, digits and '_', and no digit first"])
        }
        outcome = .converged(TaskResult(fields: ["ansible_facts": facts.asMap], facts: facts))
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.first, !first.isNumber else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}

/// Fails unless conditions hold.
struct AssertModule: ControllerModule {
    /// Parameters of `assert`.
    static let specification = ModuleSpecification(
        "assert",
        parameters: [
            .init("that", .raw, required: true), .init("fail_msg", .raw, aliases: ["msg"]), .init("success_msg", .raw),
            .init("quiet", .bool),
        ], runsOnController: true)

    let outcome: Step

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        var conditions: [Value] = []
        if case .list(let list)? = arguments["that"] {
            conditions = list
        } else {
            conditions = [arguments["that"] ?? .null]
        }
        for condition in conditions where try !Self.holds(condition, arguments, context) {
            let message = arguments["fail_msg"] ?? .string("Assertion failed")
            outcome = .failed(
                TaskResult(
                    failure: Self.text(message), hints: ["this does not hold: \(Self.text(condition))"],
                    fields: ["assertion": condition, "evaluated_to": .bool(false), "msg": message]))
            return
        }
        let message = arguments["success_msg"] ?? .string("All assertions passed")
        outcome = .converged(TaskResult(message: Self.text(message), fields: ["msg": message]))
    }

    private static func holds(
        _ condition: Value, _ arguments: ModuleArguments, _ context: ModuleContext
    ) throws -> Bool {
        if case .bool(let flag) = condition { return flag }
        guard let text = condition.text else {
            throw InputError(
                "'\(condition.json())' must be true or false", at: arguments.location,
                hints: ["compare it with something, or use '| bool'"])
        }
        return try context.holds(text)
    }

    private static func text(_ message: Value) -> String {
        if case .list(let lines) = message { return lines.compactMap(\.plainText).joined(separator: "\n") }
        return message.plainText ?? ""
    }
}

/// Always fails.
struct FailModule: ControllerModule {
    /// Parameters of `fail`.
    static let specification = ModuleSpecification("fail", parameters: [.init("msg", .raw)], runsOnController: true)

    let outcome: Step

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        let message = arguments["msg"] ?? .string("Failed as requested from task")
        outcome = .failed(
            TaskResult(failed: true, message: message.plainText ?? message.json(), fields: ["msg": message]))
    }
}

/// Prints a message or a variable.
struct DebugModule: ControllerModule {
    /// Parameters of `debug`.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification(
            "debug", parameters: [.init("msg", .raw), .init("var", .raw), .init("verbosity", .int)],
            runsOnController: true)
        specification.exclusive = [["msg", "var"]]
        return specification
    }()

    let outcome: Step

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        if let level = try arguments.int("verbosity"), level > 0 {
            let fields: Variables = ["skipped_reason": .string("Verbosity threshold not met."), "failed": .bool(false)]
            outcome = .skipped(TaskResult(skipped: true, message: "Verbosity threshold not met.", fields: fields))
            return
        }
        var fields: Variables = [:]
        if let expression = try arguments.string("var") {
            fields[expression] = try context.evaluate(expression)
        } else {
            fields["msg"] = arguments.values["msg"] ?? .string("Hello world!")
        }
        outcome = .converged(TaskResult(message: fields["msg"]?.plainText, fields: fields))
    }
}

/// Answers `pong` when the host can be talked to.
struct PingModule: TaskModule {
    /// Parameters of `ping`.
    static let specification = ModuleSpecification("ping", parameters: [.init("data")])

    private let data: String

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        data = try arguments.string("data") ?? "pong"
    }

    func probes(given snapshot: Snapshot) -> [Probe] { [.session] }

    func step(_ snapshot: Snapshot) -> Step {
        guard data != "crash" else { return .failed(TaskResult(failed: true, message: "boom")) }
        return .converged(TaskResult(fields: ["ping": .string(data)]))
    }
}
