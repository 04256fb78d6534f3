public import Fleet
import OrderedCollections

extension Inventory {
    /// Variables that say how hosts are reached and come to one thing beside one playbook, and to another beside the next: each
    /// with its places, once for all hosts. What is said last counts where all playbooks do.
    ///
    /// - Parameters:
    ///   - hosts: The hosts that are asked about.
    ///   - folders: The playbooks' folders, in order.
    public func disagreements(on hosts: [HostName], beside folders: [String]) -> [String] {
        let views = folders.map { (folder: $0, inventory: beside([$0])) }
        var found: OrderedDictionary<Disagreement, [HostName]> = [:]
        for host in hosts {
            let variables = views.map { $0.inventory.variables(of: host) }
            for name in ConnectionVariables.names.sorted() {
                for index in views.indices.dropFirst() where variables[index][name] != variables[index - 1][name] {
                    let (former, latter) = (views[index - 1], views[index])
                    let places = [former, latter].map { $0.inventory.place(of: name, host: host, beside: $0.folder) }
                    let folders = [former.folder, latter.folder]
                    found[Disagreement(name: name, places: places, folders: folders), default: []].append(host)
                }
            }
        }
        return found.map { $0.key.text(of: $0.value) }
    }

    /// Where a playbook's folder says what `name` is for `host`; `nil` when it doesn't.
    private func place(of name: String, host: HostName, beside folder: String) -> SourceLocation? {
        guard let layer = folders.layers(beside: [folder]).last, let index = index(of: host) else { return nil }
        let groups = lineage(of: hostRecords[index].groups).reversed().map { groupRecords[$0].name }
        let owners =
            [VariablePlace.Owner.host(host.description)] + groups.map { .group($0) } + [.group("all")]
        return owners.lazy.compactMap { self.connectionPlaces[VariablePlace(layer: layer, owner: $0, name: name)] }
            .first
    }
}

/// Two playbooks' folders that do not agree about a variable.
private struct Disagreement: Hashable {
    let name: String
    let places: [SourceLocation?]
    let folders: [String]

    func text(of hosts: [HostName]) -> String {
        let hosts = hosts.map(\.description).joined(separator: ", ")
        switch (places[0], places[1]) {
        case (let former?, let latter?):
            return
                "\(latter): \(name) of \(hosts) is not what \(former) says; plays beside either go by their own, the pool "
                + "by this one"
        case (let place?, nil): return alone(place, hosts, without: folders[1])
        case (nil, let place?): return alone(place, hosts, without: folders[0])
        case (nil, nil): return "\(name) of \(hosts) differs beside \(folders[0]) and \(folders[1])"
        }
    }

    private func alone(_ place: SourceLocation, _ hosts: String, without folder: String) -> String {
        "\(place): \(name) of \(hosts) counts for the plays beside it and for the pool, and not for those in \(folder)"
    }
}
