import Foundation

/// What `make test-long` does, of which `make test` does the short form.
enum LongForm {
    /// Whether it is asked for.
    static let isAsked = ProcessInfo.processInfo.environment["DROVER_LONG_TESTS"] != nil

    /// All of `cases`, or in the short form the first one.
    static func cases<Case>(_ cases: [Case]) -> [Case] { isAsked ? cases : Array(cases.prefix(1)) }
}
