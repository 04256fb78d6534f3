import Fleet
import Foundation
import Rollouts

extension ServiceFile {
    /// The first of a stage's inventories that is not there; a list of hosts is no file.
    func absentInventory(of stage: Stage) -> InputError? {
        absent(stage.inventory.filter { !$0.contains(",") }, "inventory", of: stage)
    }

    /// The first of a stage's playbooks that is not there.
    func absentPlaybook(of stage: Stage) -> InputError? { absent(stage.playbooks, "playbook", of: stage) }

    private func absent(_ names: [String], _ what: String, of stage: Stage) -> InputError? {
        guard let name = names.first(where: { !FileManager.default.fileExists(atPath: resolve($0)) }) else {
            return nil
        }
        let (folder, last) = (
            (resolve(name) as NSString).deletingLastPathComponent, (name as NSString).lastPathComponent
        )
        // Only for the hint: a folder that can't be listed has no near names.
        let beside = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        let near = NearestNames.hints(for: last, among: beside)
        return InputError(
            .missing, "stage \(stage.name) names the \(what) '\(name)', which is not there",
            at: stage.places[name] ?? stage.location,
            hints: near.isEmpty ? ["paths begin at the folder of \((path as NSString).lastPathComponent)"] : near)
    }
}
