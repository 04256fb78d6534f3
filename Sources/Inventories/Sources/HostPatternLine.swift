import Fleet

/// A host as an inventory writes it: a name with ranges and an optional port.
enum HostPatternLine {
    /// No name is half as long, with all its ranges.
    private static let longest = 1000

    /// The names and the port.
    /// - Throws: ``InputError`` at `location` for a bad range or port.
    static func expand(_ pattern: String, at location: SourceLocation) throws(InputError) -> ([String], Int?) {
        guard pattern.utf8.count <= longest else {
            throw InputError("a host's name of \(pattern.utf8.count) bytes is too long", at: location)
        }
        let parts = HostAddress.parse(pattern) ?? HostAddress.Parts(name: pattern)
        if let port = parts.port, !(1...65535).contains(port) {
            throw InputError("the port \(port) of '\(pattern)' is not between 1 and 65535", at: location)
        }
        if parts.port == nil, pattern.hasSuffix(":") {
            throw InputError(
                "the host '\(pattern)' ends in ':', which is where a port is written", at: location,
                hints: ["is this file YAML? then its name must end in .yml"])
        }
        do {
            return (try HostRange.expand(parts.name), parts.port)
        } catch {
            throw error.located(at: location)
        }
    }
}
