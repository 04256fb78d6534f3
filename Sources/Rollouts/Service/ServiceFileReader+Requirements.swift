import Fleet
import Inventories
import Values

extension ServiceFileReader {
    /// What a build has to bring along, and whether the stage shows for the next one that going back works.
    func takeRequirements(_ fields: ServiceFileFields, into stage: inout ServiceFile.Stage) {
        stage.rehearses = fields.attempt { fields throws(InputError) in try fields.flag("rehearse") } ?? false
        guard let node = fields["require"] else { return }
        _ = mistakes.attempt { () throws(InputError) in
            let wants = try ServiceFileFields(node, .requirements, mistakes)
            if let soak = wants.attempt({ fields throws(InputError) in try fields.duration("soak") }) {
                if fields["bake"] != nil {
                    throw InputError(
                        "soak means what the stage's bake means: one of them is enough", at: wants.place("soak"))
                }
                stage.bake = soak
            }
            stage.requires.needsRehearsal =
                wants.attempt { fields throws(InputError) in try fields.flag("rehearsal") } ?? false
            stage.requires.needsApproval =
                wants.attempt { fields throws(InputError) in try fields.flag("approval") } ?? false
            if stage.after == nil {
                throw InputError(
                    "require goes with after: a build brings nothing along from nowhere", at: node.location,
                    hints: ["after: STAGE"])
            }
        }
    }
}
