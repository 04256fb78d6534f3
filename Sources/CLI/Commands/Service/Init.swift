import ArgumentParser
import Fleet
import Foundation
import Rollouts

extension Drover {
    /// `drover init [FOLDER]`
    struct Init: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the files of a new service: drover.yml, inventories, playbook, CI.",
            discussion: """
                Asks on a terminal what no flag says; without one, what is usual holds. A file that is there already is never \
                touched: then nothing is written. Hosts without an address are hosts of a lab on this machine \
                (`drover lab up`).

                static     a site of files, served by nginx
                python     a WSGI application (app:app) under gunicorn
                binary     a program that listens on $PORT, in Go or anything
                container  an image whose program listens on $PORT, under podman; hosts of Debian 13
                """
        )
        .examples(
            "drover init", "drover init --shape binary --name shop --yes",
            "drover init --shape static --stages production --balancers production=192.0.2.10 "
                + "--members production=192.0.2.21,192.0.2.22 --user deploy")

        @Argument(help: "Where to (default: the working folder).", completion: .directory) var folder = "."
        @Option(
            help: "static, python, binary or container.",
            completion: .list(StarterService.Shape.allCases.map(\.rawValue)))
        var shape: String?
        @Option(help: "The service's name (default: the folder's).") var name: String?
        @Option(help: "The port that members listen on (default: 8080).") var port: String?
        @Option(help: "What balancers ask members for (default: /healthz; / for static).") var health: String?
        @Option(help: "The stages, in the order that a build takes.") var stages = "staging,production"
        @Option(parsing: .singleValue, help: "Addresses of a stage's balancers, as STAGE=ADDRESS,ADDRESS.")
        var balancers: [String] = []
        @Option(parsing: .singleValue, help: "Addresses of a stage's members, as STAGE=ADDRESS,ADDRESS.")
        var members: [String] = []
        @Option(help: "Who logs in on those hosts (default: root).") var user: String?
        @Option(help: "First two numbers of the addresses of the lab's hosts.") var labNetwork = "10.92"
        @Option(
            help: "Files of continuous integration: github, gitlab, both or none.",
            completion: .list(StarterService.Pipeline.allCases.map(\.rawValue)))
        var pipeline = "both"
        @Flag(name: .shortAndLong, help: "Ask nothing: what is usual holds.") var yes = false
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let answers = StarterQuestions(terminal: seams.terminal, asks: !yes && seams.terminal.canAsk)
            let service = try service(answers, in: seams.workingFolder)
            let files = StarterFiles(service: service).all
            try StarterWriting(folder: folder, files: files).write()
            for file in files { seams.terminal.write(folder == "." ? file.path : "\(folder)/\(file.path)") }
            tell(StarterSteps(service: service), seams.terminal)
            return .done
        }

        private func tell(_ next: StarterSteps, _ terminal: Terminal) {
            let steps = next.all
            for line in ["", next.contents, "next:"] { terminal.say(line) }
            if folder != "." { terminal.say("    cd \(RemoteCommand.quote(folder))") }
            let width = steps.map(\.command.count).max() ?? 0
            for step in steps {
                let blanks = String(repeating: " ", count: width - step.command.count)
                terminal.say("    \(step.command)\(blanks)   # \(step.purpose)")
            }
        }

        // MARK: What the service is

        private func service(_ questions: StarterQuestions, in workingFolder: String) throws -> StarterService {
            let names = try StarterAnswers.stages(stages)
            let given = try addresses(names)
            let network = try StarterAnswers.network(labNetwork)
            let files = try StarterAnswers.pipeline(pipeline)
            let shape = try answer(
                shape, questions, "shape of the service: static, python, binary or container", "binary",
                StarterAnswers.shape)
            let place = folder == "." ? workingFolder : folder
            let name = try answer(
                name, questions, "its name", StarterAnswers.usualName(in: (place as NSString).lastPathComponent),
                StarterAnswers.name)
            let port = try answer(port, questions, "the port it listens on", "8080", StarterAnswers.port)
            let health = try answer(
                health, questions, "the path that answers 200 when it is well", shape.health, StarterAnswers.health)
            let stages = try names.map { try stage($0, given, questions) }
            let user =
                stages.contains { $0.hosts != nil }
                ? try answer(user, questions, "who logs in on the hosts", "root", StarterAnswers.user) : "root"
            return StarterService(
                name: name, shape: shape, port: port, health: health, stages: stages, user: user, labNetwork: network,
                pipeline: files)
        }

        private func answer<Answer>(
            _ given: String?, _ questions: StarterQuestions, _ question: String, _ usual: String,
            _ check: (String) throws(InputError) -> Answer
        ) throws(InputError) -> Answer {
            if let given { return try check(given) }
            return try questions.text(question, usual: usual, check: check)
        }

        private func stage(
            _ name: String, _ given: (balancers: [String: [String]], members: [String: [String]]),
            _ questions: StarterQuestions
        ) throws -> StarterService.Stage {
            var balancers = given.balancers[name] ?? []
            var members = given.members[name] ?? []
            if balancers.isEmpty, members.isEmpty {
                balancers = try questions.text(
                    "addresses of \(name)'s balancers (none: hosts of a lab on this machine)", usual: "",
                    check: StarterAnswers.addresses)
                if balancers.isEmpty { return StarterService.Stage(name: name) }
            }
            if members.isEmpty {
                members = try questions.text(
                    "addresses of \(name)'s hosts that run the service", usual: "", check: StarterAnswers.addresses)
            }
            guard !balancers.isEmpty, !members.isEmpty else {
                throw InputError(
                    .missing,
                    "\(name) has \(balancers.isEmpty ? "members and no balancer" : "balancers and no member")",
                    hints: ["name both: --balancers \(name)=ADDRESS --members \(name)=ADDRESS,ADDRESS"])
            }
            return StarterService.Stage(
                name: name, hosts: StarterService.Hosts(balancers: balancers, members: members))
        }

        private func addresses(
            _ stages: [String]
        ) throws -> (balancers: [String: [String]], members: [String: [String]]) {
            func read(_ pairs: [String], _ flag: String) throws -> [String: [String]] {
                try pairs.reduce(into: [:]) { found, pair in
                    let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
                    guard parts.count == 2, stages.contains(parts[0]) else {
                        throw InputError(
                            "\(flag) takes STAGE=ADDRESS,ADDRESS with one of \(stages.joined(separator: ", ")), not '\(pair)'",
                            hints: ["such as: \(flag) \(stages[0])=192.0.2.10"])
                    }
                    found[parts[0], default: []] += try StarterAnswers.addresses(parts[1])
                }
            }
            return (try read(balancers, "--balancers"), try read(members, "--members"))
        }
    }
}
