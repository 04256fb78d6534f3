import ArgumentParser
import Fleet
import Templating

extension Drover {
    /// `drover render`: what templates come to, for comparing with Ansible's answers.
    struct Render: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Render templates given on standard input.",
            discussion: """
                Each line is a JSON object: "kind" (arg, when or file), "template", "vars", and "untrusted" for variables \
                that are never templates. Each answer is a line: "value", "omitted" or "error", with the "id" given.
                """
        )
        .examples(#"echo '{"template": "{{ 1 + 1 }}"}' | drover render --json-lines"#)

        @Flag(help: "Read a JSON object a line, and answer each with one.") var jsonLines = false
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            guard jsonLines else { throw ValidationError("say how templates are given: --json-lines") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let templater = Templater(environment: Composition.templateEnvironment())
            while let line = readLine() {
                seams.terminal.write(json: try TemplateLine(line).answer(templater))
            }
            return .done
        }
    }
}
