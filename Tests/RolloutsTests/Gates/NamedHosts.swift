import Fleet

/// The host that is called `name`; one that cannot be ends the test.
func host(named name: String) -> HostName {
    guard let host = try? HostName(name) else { preconditionFailure("'\(name)' is no host's name") }
    return host
}
