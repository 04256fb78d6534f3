import Fleet
import OrderedCollections
import Values

extension Inventory {
    /// Hosts that are reached at the same address and port: hardly meant, since what is done to one is done to the other.
    ///
    /// Wherever the address comes from; templated ones are not known here. Hosts behind different jump hosts may share one.
    func sharedAddresses() -> [String] {
        var owners: [Address: Int] = [:]
        var warnings: [String] = []
        let isGivenByGroups = groupRecords.contains { group in
            ([group.variables] + group.fileVariables).contains { Self.givesAddress($0) }
        }
        for index in hostRecords.indices
        where isGivenByGroups || Self.givesAddress(ownVariables(of: hostRecords[index])) {
            guard let address = address(of: index) else { continue }
            let named = hostIndex[address.host].flatMap { other in
                other != index && self.address(of: other, isNamed: true) == address ? other : nil
            }
            let owner = named ?? owners[address]
            if owners[address] == nil { owners[address] = index }
            guard let owner else { continue }
            let (first, second) = (hostRecords[min(owner, index)], hostRecords[max(owner, index)])
            warnings.append(
                "\(second.location): the hosts '\(first.name)' and '\(second.name)' have the same address, \(address.host)"
            )
        }
        return warnings
    }

    private static func givesAddress(_ variables: Variables) -> Bool {
        !variables.isEmpty && ConnectionVariables.Field.address.names.contains { variables[$0] != nil }
    }

    private struct Address: Hashable {
        let host: String
        let port: Value?
        let way: [Value?]
    }

    /// The address a host was given, or its name when that `isNamed` instead; `nil` for hosts that this machine is.
    private func address(of index: Int, isNamed: Bool = false) -> Address? {
        let record = hostRecords[index]
        let own = ownVariables(of: record)
        let shared = groupVariables(record.groups)
        func value(_ names: [String]) -> Value? { names.lazy.compactMap { own[$0] ?? shared[$0] }.first }
        let given = value(ConnectionVariables.Field.address.names)
        guard (given == nil) == isNamed else { return nil }
        guard let host = isNamed ? record.name.description : Self.plain(given) else { return nil }
        if let connection = value(ConnectionVariables.Field.connection.names), !Self.isSSH(connection) { return nil }
        let port = value(ConnectionVariables.Field.port.names)
        let way = [ConnectionVariables.Field.sshArguments, .commonArguments, .extraArguments].map { value($0.names) }
        return Address(host: host, port: port == .int(22) ? nil : port, way: way)
    }

    private static func isSSH(_ connection: Value) -> Bool {
        ["ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh"].contains(connection.text)
    }

    private static func plain(_ value: Value?) -> String? {
        guard case .string(let text)? = value, !text.isEmpty else { return nil }
        return text
    }
}
