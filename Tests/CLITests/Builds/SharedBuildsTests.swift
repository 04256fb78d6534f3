import Fleet
import Foundation
import SSH
import TestSupport
import Testing

@testable import Rollouts

/// What every shared store of builds has to do, a folder of this machine and one of a host over SSH alike.
@Suite(.serialized, .sshd, .timeLimit(.minutes(5))) struct SharedBuildsTests {
    enum Kind: String, Sendable, CaseIterable { case folder, host }

    /// A store, and a build to put there.
    private struct Scene: Sendable {
        let folder: URL
        let address: SharedBuildsAddress
        var endpoint: Endpoint

        /// The store, as another machine sees it: over connections of its own.
        func store() -> SharedBuilds {
            let connector = SSHConnector()
            return SharedBuilds(address, service: "shop") { [endpoint] in
                try await connector.transport(to: endpoint)
            }
        }

        /// The folder with the service's builds.
        var place: String { address.folder + "/shop" }
        /// What lies there but for records.
        var names: [String] {
            get throws {
                try FileManager.default.contentsOfDirectory(atPath: place).filter { !$0.hasSuffix(".json") }.sorted()
            }
        }
        func local(_ name: String = "state") -> BuildStore { BuildStore(stateFolder: folder.path + "/" + name) }

        /// A build of `size` random bytes, in the state folder of whoever adds it.
        func build(_ size: Int = 300_000) async throws -> (path: String, record: BuildRecord) {
            let file = "\(folder.path)/build-\(size)"
            let script = "head -c \(size) /dev/urandom >data && tar -cf \(file) data && rm data"
            try await DroverProgram.run(["env", "-C", folder.path, "sh", "-c", script]).succeeded()
            let (digest, length) = try await local().add(file)
            let record = BuildRecord(
                digest: digest, name: "shop-1.tar", size: length, addedAt: Timestamp(milliseconds: 5),
                provenance: ["commit": "it's 1a2b", "pipeline": "7"])
            return (local().path(of: digest), record)
        }
    }

    private func withStore(
        _ kind: Kind, mounting options: String? = nil, _ body: (Scene) async throws -> Void
    ) async throws {
        // As the program does: a shell that gives up in the middle of an upload ends nobody else.
        signal(SIGPIPE, SIG_IGN)
        try await ThrowawaySSHD.with { server in
            try await withTemporaryFolder { folder in
                let base = folder.path + "/its own, 'quoted'"
                try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
                if let options {
                    try await DroverProgram.run(["mount", "-t", "tmpfs", "-o", options, "none", base]).succeeded()
                }
                let address: SharedBuildsAddress
                let endpoint: Endpoint
                switch kind {
                case .folder:
                    address = .folder(base)
                    endpoint = Endpoint(host: try HostName("localhost"), connection: .local, address: "localhost")
                case .host:
                    address = .host(try HostName("store"), user: nil, port: nil, folder: base)
                    endpoint = try server.endpoint("store")
                }
                let ended = await Result {
                    try await body(Scene(folder: folder, address: address, endpoint: endpoint))
                }
                if options != nil { try await DroverProgram.run(["umount", "-l", base]).succeeded() }
                try ended.get()
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func aBuildComesBackWithWhatIsKnownOfIt(_ kind: Kind) async throws {
        try await withStore(kind) { scene in
            let (path, record) = try await scene.build(5_000_001)
            #expect(try await scene.store().index().builds.isEmpty)
            #expect(try await !scene.store().take(record.digest, into: scene.local("none")))
            try await scene.store().add(path, record)
            // Whoever comes second gives it a name, and changes nothing else.
            let other = BuildRecord(
                digest: record.digest, name: "other", size: record.size, addedAt: Timestamp(milliseconds: 9))
            for _ in 1...2 { try await scene.store().add(path, other) }
            let index = try await scene.store().index()
            #expect(index.builds.first?.record.names == ["shop-1.tar", "other"])
            #expect(
                index.builds.map(\.known) == [record.taking(newsOf: other)]
                    && index.builds.allSatisfy { !$0.isDamaged })
            let elsewhere = scene.local("elsewhere")
            #expect(try await scene.store().take(record.digest, into: elsewhere))
            #expect(FileManager.default.contentsEqual(atPath: path, andPath: elsewhere.path(of: record.digest)))
            #expect(try scene.names == [record.digest.description], "nothing is left behind")
            #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.folder).count == 1)
        }
    }

    @Test(arguments: Kind.allCases)
    func manyAddTheSameAtOnceAndNobodySeesHalfOfIt(_ kind: Kind) async throws {
        try await withStore(kind) { scene in
            let (path, record) = try await scene.build(3_000_000)
            let isOver = Flag()
            async let looks = withTaskGroup(of: [Bool].self) { group in
                for reader in 0..<2 {
                    group.addTask {
                        var seen: [Bool] = []
                        let store = scene.store()
                        while !isOver.isRaised || seen.isEmpty {
                            // One that is half there would be told to be damaged.
                            let there = try? await store.take(record.digest, into: scene.local("reader-\(reader)"))
                            guard let there else { return [] }
                            seen.append(there)
                        }
                        return seen
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await scene.store().add(path, record) } }
                try await group.waitForAll()
            }
            isOver.raise()
            #expect(await looks.allSatisfy { !$0.isEmpty }, "nobody saw one that is damaged")
            #expect(try scene.names == [record.digest.description])
            #expect(try await scene.store().take(record.digest, into: scene.local("last")))
        }
    }

    @Test(arguments: Kind.allCases)
    func aDamagedBuildIsNamedNeverTakenAndMendedByAddingIt(_ kind: Kind) async throws {
        try await withStore(kind) { scene in
            let (path, record) = try await scene.build()
            try await scene.store().add(path, record)
            let file = URL(fileURLWithPath: "\(scene.place)/\(record.digest)")
            var bytes = try Data(contentsOf: file)
            bytes[1000] ^= 1
            try bytes.write(to: file)
            let error = await #expect(throws: StoreError.self) {
                try await scene.store().take(record.digest, into: scene.local("elsewhere"))
            }
            #expect(error?.code == .damagedBuild)
            #expect(error?.message.hasPrefix("build \(record.digest.release) is damaged there") == true)
            #expect(error?.place.name == scene.address.description)
            #expect(scene.local("elsewhere").find(record.digest) == nil)
            try await scene.store().add(path, record)
            #expect(try await scene.store().take(record.digest, into: scene.local("elsewhere")))
        }
    }

    @Test(arguments: Kind.allCases)
    func aFullStoreSaysSoBeforeAndInTheMiddle(_ kind: Kind) async throws {
        try await withStore(kind, mounting: "size=6m") { scene in
            let (path, record) = try await scene.build(8_000_000)
            let error = await #expect(throws: StoreError.self) { try await scene.store().add(path, record) }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("needs 11.6 MiB, and there is 6.0 MiB") == true, "\(error?.message ?? "")")
            // As if somebody else filled it meanwhile.
            let small = BuildRecord(digest: record.digest, name: "x", size: 1, addedAt: record.addedAt)
            let late = await #expect(throws: StoreError.self) { try await scene.store().add(path, small) }
            #expect(late?.code == .refused && late?.message.contains("No space left on device") == true, "\(late!)")
            #expect(try scene.names == [], "nothing takes room that nobody sees")
            #expect(try await scene.store().index().builds.isEmpty)
        }
    }

    @Test(arguments: Kind.allCases)
    func aStoreThatMayOnlyBeReadSaysSo(_ kind: Kind) async throws {
        try await withStore(kind, mounting: "ro") { scene in
            let (path, record) = try await scene.build()
            let error = await #expect(throws: StoreError.self) { try await scene.store().add(path, record) }
            #expect(error?.code == .refused && error?.message.contains("Read-only file system") == true)
            #expect(error?.hints.first?.contains("ls -ld") == true)
            #expect(try await scene.store().index().builds.isEmpty)
        }
    }

    @Test(arguments: Kind.allCases)
    func aStoreWhoseFolderIsNotThereIsAwayAndIsNotMade(_ kind: Kind) async throws {
        try await withStore(kind) { scene in
            let (path, record) = try await scene.build()
            try FileManager.default.removeItem(atPath: scene.address.folder)
            let error = await #expect(throws: StoreError.self) { try await scene.store().add(path, record) }
            #expect(error?.code == .away && error?.message == "there is no folder \(scene.address.folder)")
            #expect(error?.hints.first?.contains("is its file system mounted?") == true)
            await #expect(throws: StoreError.self) { try await scene.store().index() }
            #expect(!FileManager.default.fileExists(atPath: scene.address.folder))
        }
    }

    @Test func aHostThatIsAwaySaysWhy() async throws {
        try await withStore(.host) { scene in
            let (path, record) = try await scene.build()
            var away = scene
            away.endpoint.port = 1
            let store = away.store()
            let error = await #expect(throws: StoreError.self) { try await store.add(path, record) }
            #expect(error?.code == .away && error?.message.hasPrefix("it cannot be asked: ") == true)
        }
    }

    @Test func aLostConnectionIsGoneOnWithWhereItBrokeOff() async throws {
        try await withStore(.host) { scene in
            let (path, record) = try await scene.build(40_000_000)
            try await scene.store().add(path, record)
            // So much is asked for in the middle of it.
            try await CuttingProxy.with(to: scene.endpoint.port, cuttingWhen: .sent(9_000), then: .through) { proxy in
                var behind = scene
                behind.endpoint.port = proxy.port
                behind.endpoint.hostKeyAlias = "[127.0.0.1]:\(scene.endpoint.port)"
                #expect(try await behind.store().take(record.digest, into: scene.local("elsewhere")))
                let sent = try proxy.sent
                #expect(sent.count == 2, "it was cut once: \(sent)")
            }
            #expect(
                FileManager.default.contentsEqual(
                    atPath: path, andPath: scene.local("elsewhere").path(of: record.digest)))
        }
    }

    @Test(arguments: Kind.allCases)
    func whatStagesNeedIsNotedAndBuildsAreRemoved(_ kind: Kind) async throws {
        try await withStore(kind) { scene in
            let (path, record) = try await scene.build()
            try await scene.store().add(path, record)
            var use = StageUse(
                "production", current: record.digest, previous: nil, by: "me@here:1", at: Timestamp(milliseconds: 7))
            try await scene.store().note(use)
            use.previous = record.digest
            try await scene.store().note(use)
            #expect(try await scene.store().index().uses == ["production": use])
            #expect(try await scene.store().remove([record.digest], sparesRecent: true).isEmpty)
            #expect(
                try await scene.store().remove([record.digest], sparesRecent: false) == [record.digest: record.size])
            #expect(try await scene.store().remove([record.digest], sparesRecent: false).isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: scene.place) == ["stages"])
        }
    }

    @Test(arguments: Kind.allCases)
    func whatWasLeftADayAgoGoesWithTheNextBuild(_ kind: Kind) async throws {
        try await withStore(kind) { scene in
            let (path, record) = try await scene.build()
            try FileManager.default.createDirectory(atPath: scene.place, withIntermediateDirectories: true)
            let script = """
                cd "$1"; touch -d '2 days ago' .new-old .0a1b.drover12; touch .new-young .0a1b.drover34; touch -d '2 days ago' .keep
                """
            try await DroverProgram.run(["sh", "-c", script, "sh", scene.place]).succeeded()
            try await scene.store().add(path, record)
            #expect(try scene.names == [".0a1b.drover34", ".keep", ".new-young", record.digest.description].sorted())
        }
    }
}
