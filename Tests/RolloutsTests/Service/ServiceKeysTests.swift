import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// The table of drover.yml's keys, of which docs/reference.md is made.
@Suite struct ServiceKeysTests {
    /// What a bound, one below and one above it come to, for each number and time of the table.
    @Test func theReaderGoesByTheTablesBounds() async throws {
        for (key, number) in Self.numbers {
            #expect(try await Self.fault(of: key, "\(number.lowerBound)") == nil, "\(key)")
            #expect(try await Self.fault(of: key, "\(number.upperBound + 1)")?.contains("\(number.upperBound)") == true)
        }
        for (key, time) in Self.times {
            let above = (time.upperBound + .seconds(1)).written
            #expect(try await Self.fault(of: key, time.upperBound.written) == nil, "\(key)")
            #expect(try await Self.fault(of: key, above)?.contains(time.upperBound.written) == true, "\(key)")
        }
        #expect(Self.numbers.count > 1 && Self.times.count > 3)
    }

    @Test func whatTheTableHasNotIsRefused() async throws {
        #expect(try await Self.fault(of: "canaries", "1") == "unknown key 'canaries' in rollout")
    }

    private static let numbers = ServiceKeys.rollout.keys.compactMap { key in
        if case .number(let bounds) = key.kind { (key.name, bounds) } else { nil }
    }

    private static let times = ServiceKeys.rollout.keys.compactMap { key in
        if case .time(let bounds) = key.kind { (key.name, bounds) } else { nil }
    }

    /// What is wrong with a file whose rollouts have `key: value`; `nil` for nothing.
    private static func fault(of key: String, _ value: String) async throws -> String? {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "drover.yml")
            try """
            service: shop
            pool: {name: shop, balancers: lb, members: ap, port: 80}
            stages: {production: {inventory: hosts, rollout: {\(key): \(value)}}}
            """.write(to: file, atomically: true, encoding: .utf8)
            do throws(InputError) { _ = try ServiceFileReader.read(file.path) } catch { return error.message }
            return nil
        }
    }
}
