import Foundation
import TestSupport
import Testing

/// From an empty folder to the first rollback, as docs/first-service.md has it, on hosts of a lab.
@Suite(.serialized) struct FirstServiceEndToEndTests {
    @Test(.timeLimit(.minutes(15))) func everyCommandOfThePageDoesWhatItSays() async throws {
        try await withStarter { starter in
            let page = try FirstServicePage()
            let begun = ContinuousClock.now
            let done = try await starter.type(page.script(network: starter.network))
            let took = ContinuousClock.now - begun
            #expect(done.status == 0, "\(done.output.suffix(2000))\n\(done.errors.suffix(6000))")
            let greetings = done.output.split(separator: "\n").filter { $0.contains(" from ap") }
                .map { $0.replacing(#/ap\d/#, with: "ap") }
            #expect(
                greetings == [
                    "Hello from ap", "Hello from ap", "Good morning from ap", "Hello from ap", "Ahoy from ap",
                    "Welcome from ap",
                    "Ahoy from ap",
                ])
            #expect(done.errors.contains("hint: a new stage begins with its hosts: drover apply staging"))
            #expect(done.errors.contains("packed ./dist as hello-v1: 1 file, "))
            #expect(done.errors.contains("current/ will hold: bin/"))
            #expect(took < .seconds(300), "ten minutes for people are five for a busy machine")
            try await FollowedGuides(starter: starter).follow()
            #expect(try await starter.type("cd hello\n" + page.end).status == 0)
        }
    }

    /// The page's container, from an empty folder to the first rollback.
    @Test(.timeLimit(.minutes(10))) func aContainerIsBroughtAndGoesBack() async throws {
        try await withStarter { starter in
            let page = try FirstServicePage()
            let done = try await starter.type(ContainerLab.store + page.container(network: starter.network))
            #expect(done.status == 0, "\(done.output.suffix(2000))\n\(done.errors.suffix(6000))")
            let greetings = done.output.split(separator: "\n").filter { $0.contains(" from ap") }
                .map { $0.replacing(#/ap\d/#, with: "ap") }
            #expect(greetings == ["Hello from ap", "Welcome from ap", "Hello from ap"])
            #expect(done.errors.contains("current/ will hold: image.tar"))
            #expect(done.output.contains("hello[") && done.output.contains("]: listening on 8080"), "\(done.output)")
            try await StarterBalancerLab(starter: starter).holds()
            try await ContainerLab(starter: starter).holds()
            #expect(try await starter.type("cd hello\n" + page.containerEnd).status == 0)
        }
    }

    /// Shapes that the page does not walk through, with a good build, a second one, and back.
    @Test(.enabled(if: LongForm.isAsked), .timeLimit(.minutes(10)), arguments: ["static", "python"])
    func everyShapeIsServed(_ shape: String) async throws {
        try await withStarter { starter in
            let balancer = "http://\(starter.network).1.11/"
            let body = shape == "static" ? "cp public/index.html /dev/null" : "make dist"
            let folder = shape == "static" ? "public" : "dist"
            let done = try await starter.type(
                """
                mkdir hello && cd hello
                drover init --shape \(shape) --name hello --stages staging --yes --lab-network \(starter.network)
                drover check && drover lab up -i inventory/staging.yml && drover apply staging
                write() {
                    mkdir -p public && echo "$1" >public/index.html
                    cat >app.py <<END
                def app(environ, start_response):
                    start_response("200 OK", [("Content-Type", "text/plain")])
                    return [b"$1\\\\n"]
                END
                    \(body)
                }
                write one && drover rollout staging ./\(folder) && curl -s \(balancer)
                write two && drover rollout staging ./\(folder) && curl -s \(balancer)
                drover rollback staging && curl -s \(balancer)
                drover lab down -i inventory/staging.yml
                """)
            #expect(done.status == 0, "\(done.output.suffix(2000))\n\(done.errors.suffix(6000))")
            #expect(
                done.output.split(separator: "\n").filter { ["one", "two"].contains($0) } == ["one", "two", "one"])
        }
    }

    /// The blocks of the READMEs of `examples/`, with a second build before the way back.
    @Test(.enabled(if: LongForm.isAsked), .timeLimit(.minutes(10)), arguments: ExamplePage.all)
    func everyExampleIsServedAsItsPageSays(_ example: ExamplePage) async throws {
        try await withStarter { starter in
            let done = try await starter.type(try example.script(starter.network))
            #expect(done.status == 0, "\(done.output.suffix(2000))\n\(done.errors.suffix(6000))")
            #expect(done.output.contains(example.greeting), "\(done.output.suffix(2000))")
        }
    }

    private func withStarter(_ body: (Starter) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let starter = try await Starter(in: folder)
            do { try await body(starter) } catch {
                try await starter.down()
                throw error
            }
            try await starter.down()
        }
    }
}

/// The blocks of docs/first-service.md.
private struct FirstServicePage {
    private let blocks: [String]
    private let containerBlocks: [String]

    init() throws {
        let page = try String(
            contentsOf: DroverProgram.repository.appendingPathComponent("docs/first-service.md"), encoding: .utf8)
        let parts = page.split(separator: "\n## A container\n").map { part in
            part.matches(of: #/```sh\n((?s:.*?))```/#).map { String($0.output.1) }
        }
        try #require(parts.count == 2 && parts[0].count >= 8 && parts[1].count >= 4)
        (blocks, containerBlocks) = (parts[0], parts[1])
    }

    /// The container, beginning with the program, on addresses that nobody else has.
    func container(network: String) -> String {
        (blocks.prefix(1) + containerBlocks.dropLast()).joined().replacing(
            "drover init ", with: "drover init --lab-network \(network) "
        ).replacing("10.92.", with: "\(network).")
    }

    /// What takes the container's hosts away.
    var containerEnd: String { containerBlocks.last ?? "" }

    /// What takes the hosts away.
    var end: String { blocks.last ?? "" }

    /// All of them but the last, on addresses that nobody else has; one command is typed too early as well.
    func script(network: String) -> String {
        blocks.dropLast().joined().replacing("drover init ", with: "drover init --lab-network \(network) ")
            .replacing("10.92.", with: "\(network).")
            .replacing(
                "drover apply staging\n", with: "drover rollout staging ./playbooks || true\ndrover apply staging\n")
    }
}

/// A README of `examples/`.
struct ExamplePage: Sendable, CustomTestStringConvertible {
    static let all = [
        ExamplePage(name: "gunicorn", network: "10.94", greeting: "Hello", second: "make dist"),
        ExamplePage(
            name: "website", network: "10.93", greeting: "Served by nginx",
            second: "echo two >>public/index.html && drover rollout staging ./public"),
    ]

    let name: String
    /// The beginning of its lab's addresses.
    let network: String
    /// What its service answers.
    let greeting: String
    /// What is typed before the way back.
    let second: String

    var page: String { "examples/\(name)/README.md" }
    var testDescription: String { name }

    /// The commands of its second block; the first one is what has written it.
    func script(_ own: String) throws -> String {
        let steps = try Guide(page).steps.map(\.command).filter { !$0.hasPrefix("drover init ") }
        let lines = steps.flatMap { $0.hasPrefix("drover rollback") ? [second, $0] : [$0] }
        let example = DroverProgram.repository.appendingPathComponent("examples/\(name)").path
        return """
            cp -r '\(example)' hello && cd hello && grep -rl '\(network)\\.' . | xargs sed -i 's/\(network)\\./\(own)./g'
            \(lines.joined(separator: "\n").replacing("\(network).", with: "\(own)."))
            """
    }
}

/// Somebody with an empty folder, and `drover` on the path.
struct Starter: Sendable {
    let folder: URL
    let network: String
    let program: DroverProgram

    init(in folder: URL) async throws {
        self.folder = folder
        network = try await ServiceLab.freeNetwork()
        let bin = folder.appendingPathComponent("bin")
        try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: bin.path + "/drover", withDestinationPath: DroverProgram.binary)
        let own = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        program = DroverProgram(
            in: folder,
            environment: [
                "PATH": "\(bin.path):\(own)", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
                "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
            ])
    }

    /// Types lines into a shell, which ends at the first that fails.
    func type(_ lines: String) async throws -> Transcript { try await program.runBeside(["sh", "-exc", lines]) }

    /// Takes away what labs were left.
    func down() async throws {
        for stage in ["staging", "production"]
        where FileManager.default.fileExists(atPath: "\(folder.path)/hello/.drover/labs/\(stage)") {
            try await program.runBeside(["sh", "-c", "cd hello && drover lab down -i inventory/\(stage).yml"])
                .succeeded()
        }
    }
}
