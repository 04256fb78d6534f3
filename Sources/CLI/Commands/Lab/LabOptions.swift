import ArgumentParser
import Fleet
import Lab

/// Which lab a command is about.
struct LabOptions: ParsableArguments {
    @OptionGroup(title: "Hosts") var inventory: InventoryOptions
    @OptionGroup var vault: VaultOptions

    @Option(help: "The lab's name (default: the inventory's file name without extension).")
    var name: String?

    /// The lab's name and place.
    func identity(_ seams: Seams) throws -> LabIdentity {
        try LabIdentity(name: try name ?? stem(of: inventory.resolved(seams)), stateFolder: seams.stateFolder)
    }

    private func stem(of sources: [String]) -> String {
        let last = sources[0].split(separator: "/").last.map(String.init) ?? sources[0]
        return last.lastIndex(of: ".").map { String(last[..<$0]) } ?? last
    }

    /// The lab, telling on `seams.terminal` what happens.
    func control(_ seams: Seams) throws -> LabControl {
        LabControl(try identity(seams)) { event in
            seams.terminal.say(event.sentence)
            if event.isBeginning { seams.terminal.show(progress: event.sentence) }
        }
    }
}
