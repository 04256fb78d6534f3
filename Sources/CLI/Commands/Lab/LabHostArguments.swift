import ArgumentParser
import Fleet

/// Hosts of a lab, by name.
struct LabHostArguments: ParsableArguments {
    @Argument(help: "Hosts of the lab.", completion: .hosts) var hosts: [String]

    func names() throws -> [HostName] { try hosts.map { try HostName($0) } }
}
