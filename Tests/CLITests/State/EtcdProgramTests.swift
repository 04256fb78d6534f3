import Foundation
import TestSupport
import Testing

/// A service whose journal is in etcd, seen from several folders.
@Suite struct EtcdProgramTests {
    private func service(_ state: String) -> String {
        """
        service: shop
        pool: {name: shop, balancers: lb, members: web, port: 8080}
        stages: {staging: {inventory: hosts.yml, playbook: site.yml}}
        state: \(state)

        """
    }

    /// Two clones of one service.
    private func withClones(
        _ state: String, _ environment: [String: String] = [:],
        _ body: (_ first: DroverProgram, _ second: DroverProgram) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let clones = try ["first", "second"].map { name in
                let clone = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(at: clone, withIntermediateDirectories: true)
                try service(state).write(
                    to: clone.appendingPathComponent("drover.yml"), atomically: true, encoding: .utf8)
                return DroverProgram(in: clone, environment: environment)
            }
            try await body(clones[0], clones[1])
        }
    }

    @Test func whatOneCloneAddsAnotherKnows() async throws {
        try await ThrowawayEtcd.with { cluster in
            try await withClones(cluster.text()) { first, second in
                try await first.runBeside(["sh", "-c", "echo 1 >VERSION; tar -czf one.tar.gz VERSION"]).succeeded()
                let added = try await first("build", "add", "one.tar.gz").succeeded()
                #expect(try await second("build", "list").succeeded().output.contains(added.output.prefix(12)))
                #expect(!FileManager.default.fileExists(atPath: second.folder + "/.drover/journal.sqlite"))
                try await second("state", "export", "all.jsonl").succeeded()
                // Above what the file says.
                var third = second
                third.environment["DROVER_STATE"] = cluster.text(prefix: "moved")
                try await third("state", "import", "all.jsonl").succeeded()
                #expect(try await third("build", "list").succeeded().output.contains("one.tar.gz"))
                let again = try await third("state", "import", "all.jsonl")
                #expect(again.status == 1 && again.errors.contains("the journal holds something already"))
            }
        }
    }

    @Test func certificatesAndUsersComeFromTheFileOrTheEnvironment() async throws {
        try await withTemporaryFolder { folder in
            let certificates = try await ThrowawayCertificates(in: folder)
            try await ThrowawayEtcd.with(certificates: certificates) { cluster in
                let files = "ca: \(certificates.authority), certificate: \(certificates.client)"
                let state = "{url: '\(cluster.text())', \(files), key: \(certificates.clientKey)}"
                try await withClones(state) { first, _ in try await first("build", "list").succeeded() }
                let environment = [
                    "DROVER_ETCD_CA": certificates.authority, "DROVER_ETCD_CERT": certificates.client,
                    "DROVER_ETCD_KEY": certificates.clientKey,
                ]
                try await withClones(cluster.text(), environment) { first, _ in
                    try await first("build", "list").succeeded()
                }
            }
        }
    }

    @Test(arguments: [
        ("etcd://", "drover.yml:4:8: '' is no host of an etcd"),
        ("{url: here}", "drover.yml:4:14: url must be etcd://…"),
        ("{url: etcd://a, cert: b}", "drover.yml:4:24: unknown key 'cert' in state"),
        ("{url: etcd://a, certificate: b}", "the certificate ./b has no private key beside it"),
        ("{url: etcd://a, ca: b}", "/b: the file cannot be read"),
        ("etcd:/a", "drover.yml:4:8: 'etcd:/a' is neither a folder nor an etcd"),
        ("ETCD://a", "'ETCD://a' is neither a folder nor an etcd"),
        ("https://a:2379", "'https://a:2379' is neither a folder nor an etcd"),
        ("[a]", "drover.yml:4:8: state must be a folder or etcd://…"),
        ("{url: etcd://a, tls: 1}", "tls must be true or false"),
        ("etcd://u:secret@a", "its password goes into $DROVER_ETCD_PASSWORD"),
    ])
    func whatIsWrongIsSaidBeforeAnythingIsAsked(_ state: String, _ says: String) async throws {
        try await withClones(state) { first, _ in
            let refused = try await first("build", "list")
            #expect(refused.status == 64 && refused.errors.contains(says), "\(refused.errors)")
        }
    }

    @Test func withoutAServiceThereIsNoJournalInEtcd() async throws {
        try await withTemporaryFolder { folder in
            let drover = DroverProgram(in: folder, environment: ["DROVER_STATE": "etcd://127.0.0.1"])
            let refused = try await drover("build", "list")
            #expect(refused.status == 64 && refused.errors.contains("there is no drover.yml here"))
        }
    }

    @Test func anEtcdThatIsAwayIsToldWithWhatHoldsAllTheSame() async throws {
        let port = try AnsweringListener.quietPort()
        try await withClones("etcd://127.0.0.1:\(port)") { first, _ in
            let refused = try await first("build", "list")
            #expect(refused.status == 1)
            #expect(
                refused.errors.contains(
                    "no member of etcd answers for the journal: 127.0.0.1:\(port): connection refused"),
                "\(refused.errors)")
        }
    }
}
