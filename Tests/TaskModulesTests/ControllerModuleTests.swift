import Fleet
import OrderedCollections
import TestSupport
import Testing
import Values

@testable import TaskModules

private func outcome(_ name: String, _ arguments: Variables) throws -> TaskResult {
    let type = try #require(ModuleCatalog.module(named: name))
    let place = SourceLocation(file: "t.yml")
    let module = try type.init(type.specification.arguments(arguments, at: place), .test())
    switch try module.step(Snapshot()) {
    case .converged(let result), .failed(let result), .skipped(let result): return result
    case .change: throw TestFailure("a change")
    }
}

@Test func debugPrints() throws {
    #expect(try outcome("debug", ["msg": .list([.int(1)])]).fields["msg"] == .list([.int(1)]))
    #expect(try outcome("debug", [:]).message == "Hello world!")
    #expect(try outcome("debug", ["var": .string("x.y")]).fields["x.y"] == .string("x.y"))
    #expect(try outcome("debug", ["msg": .string("x"), "verbosity": .int(2)]).skipped)
}

@Test func setFactSetsVariables() throws {
    let result = try outcome("set_fact", ["a": .int(1), "b": .list([]), "cacheable": .bool(true)])
    #expect(result.facts == ["a": .int(1), "b": .list([])] && !result.changed)
    #expect(throws: InputError.self) { try outcome("set_fact", ["a-b": .int(1)]) }
    #expect(throws: InputError.self) { try outcome("set_fact", [:]) }
}

@Test func assertJudgesConditions() throws {
    #expect(try outcome("assert", ["that": .list([.string("true"), .bool(true)])]).message == "All assertions passed")
    let failed = try outcome("assert", ["that": .list([.string("true"), .string("false")]), "msg": .string("no")])
    #expect(failed.failed && failed.message == "no" && failed.fields["assertion"] == .string("false"))
    #expect(throws: InputError.self) { try outcome("assert", ["that": .string("neither")]) }
}

@Test func failFails() throws {
    #expect(try outcome("fail", [:]).message == "Failed as requested from task")
    #expect(try outcome("fail", ["msg": .string("x")]).failed)
}
