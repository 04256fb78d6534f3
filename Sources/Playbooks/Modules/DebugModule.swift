import Fleet
import OrderedCollections

/// Prints a message or a variable.
struct DebugModule: TaskModule {
    /// Parameters of `debug`.
    static let specification = ModuleSpecification(
        "debug",
        parameters: [.init("msg", .raw), .init("var", .raw), .init("verbosity", .int)], runsOnController: true)

    private let result: TaskResult

    /// Evaluates the message or the variable.
    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        let message = arguments.values["msg"]
        guard message == nil || !arguments.has("var") else {
            throw arguments.wrong("var", "cannot stand beside 'msg'")
        }
        var fields: Variables = [:]
        if let expression = try arguments.string("var") {
            fields[expression] = try context.evaluate(expression)
        } else {
            fields["msg"] = message ?? .string("Hello world!")
        }
        result = TaskResult(message: fields["msg"]?.plainText, fields: fields)
    }

    /// Nothing.
    func probes(given snapshot: Snapshot) -> [Probe] { [] }

    /// Always converged.
    func step(_ snapshot: Snapshot) -> Step { .converged(result) }
}
