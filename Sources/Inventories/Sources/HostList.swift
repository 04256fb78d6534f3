import Fleet

/// Hosts on the command line: `-i web1,web2,` and `-i 'web[1:3],'`.
struct HostList {
    let text: String

    func read(into assembly: inout InventoryAssembly) throws(InputError) {
        let location = SourceLocation(file: text)
        for part in text.split(separator: ",") {
            let part = part.trimmingPrefix { $0 == " " }
            let pattern = String(part.reversed().drop { $0 == " " }.reversed())
            if pattern.isEmpty { continue }
            let (names, port) = try HostPatternLine.expand(pattern, at: location)
            for name in names where !assembly.knowsHost(name) {
                try assembly.addHost(name, port: port, to: InventoryAssembly.ungrouped, at: location)
            }
        }
    }
}
