import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

@Suite struct PoolReviewTests {
    private func place(_ host: String, _ address: String, line: Int) throws -> PoolReview.Place {
        PoolReview.Place(
            host: try HostName(host), address: address, port: 22,
            location: SourceLocation(file: "production.yml", line: line, column: 1))
    }

    @Test func aHostInOnePoolIsFine() throws {
        let review = PoolReview(
            members: [try place("ap1", "10.0.0.1", line: 2)], balancers: [try place("lb1", "10.0.0.9", line: 5)],
            others: [.init(stage: "staging", members: [try place("ap1", "10.1.0.1", line: 2)])])
        #expect(review.warnings.isEmpty)
    }

    @Test func aHostInTwoPoolsIsTold() throws {
        let member = try place("ap1", "10.0.0.1", line: 2)
        let review = PoolReview(
            members: [member], balancers: [member],
            others: [.init(stage: "staging", members: [try place("s1", "10.0.0.1", line: 7)])])
        #expect(
            review.warnings == [
                "production.yml:2:1: the host 'ap1' is a member of the pool and one of its balancers",
                "production.yml:2:1: the host 'ap1', 10.0.0.1, is also in the pool of stage staging (production.yml:7:1)",
            ])
    }

    @Test func otherStagesAreRead() async throws {
        try await withTemporaryFolder { folder in
            let files = [
                "drover.yml": """
                service: shop
                pool: {name: shop, balancers: lb, members: ap, port: 80}
                stages: {staging: {inventory: staging.yml}, production: {inventory: production.yml}}
                """,
                "staging.yml": "ap: {hosts: {s1: {ansible_host: 127.0.0.9, ansible_port: 1}}}\nlb: {hosts: {sl: }}\n",
                "production.yml": """
                ap: {hosts: {p1: {ansible_host: 127.0.0.9, ansible_port: 1}}}
                lb: {hosts: {pl: {ansible_host: 127.0.0.8, ansible_port: 1}}}
                """,
            ]
            for (name, text) in files {
                try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
            }
            let done = try await DroverProgram(in: folder)("pool", "status", "production")
            #expect(done.errors.contains("'p1', 127.0.0.9, is also in the pool of stage staging"), "\(done.errors)")
        }
    }
}
