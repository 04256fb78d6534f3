import Fleet
import OrderedCollections

/// Renders a template on the controller and puts the result on the host.
struct TemplateModule: TaskModule {
    /// Parameters of `template`. Delimiters and trimming belong to the template's own header or to the engine.
    static let specification = ModuleSpecification(
        "template",
        parameters: [
            .init("src", .path, required: true), .init("dest", .path, required: true), .init("backup", .bool),
            .init("force", .bool), .init("follow", .bool), .init("validate"),
        ] + FileAttributes.parameters)

    private let placement: FilePlacement

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        let source = try arguments.requiredPath("src")
        var attributes = try FileAttributes(arguments)
        if attributes.mode == .preserve {
            let file = try context.localFiles(context.find("templates", source), true)
            attributes.mode = file.first.map { .exact($0.mode) }
        }
        var placement = FilePlacement(
            dest: HostPath(try arguments.requiredPath("dest")), name: source.lastPathPart,
            content: Array(try context.render(source).utf8), attributes: attributes)
        placement.replaces = try arguments.bool("force", default: true)
        placement.keepsBackup = try arguments.bool("backup")
        placement.followsLink = try arguments.bool("follow")
        placement.validate = try arguments.string("validate")
        placement.wantsDiff = context.wantsDiff
        self.placement = placement
    }

    func probes(given snapshot: Snapshot) -> [Probe] { placement.probes(given: snapshot) }

    func step(_ snapshot: Snapshot) throws -> Step { try placement.step(snapshot) }
}
