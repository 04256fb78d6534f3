import ArgumentParser
import Fleet

/// Which hosts a command is about: those of an inventory, or of a stage.
struct HostsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The hosts of this stage of the service's file, in place of -i: its inventory, reached as rollouts reach them.",
            valueName: "stage"), completion: .stages)
    var stage: String?

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var service: ServiceOptions

    /// What is left over of the hosts that a pattern matches.
    var limit: String? { inventory.limit }

    func validate() throws {
        if stage != nil, !inventory.sources.isEmpty {
            throw ValidationError("--stage and -i exclude each other: a stage has its own inventory")
        }
        if service.path != nil, !inventory.sources.isEmpty {
            throw ValidationError("--service and -i exclude each other: a service's stages have their own inventories")
        }
    }
}
