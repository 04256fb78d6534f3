import ArgumentParser

/// Whether nobody watches, as in a job of continuous integration.
struct UnattendedOptions: ParsableArguments {
    @Flag(
        name: .customLong("ci"), inversion: .prefixedNo,
        help: ArgumentHelp(
            """
            Nobody watches: ask nothing, plain lines, and a line at least every 30 s. By itself where the environment has \
            CI=true, unless --no-ci.
            """))
    var isAsked: Bool?

    /// Whether nobody watches, by the flag, else by the environment.
    func applies(in environment: [String: String]) -> Bool { isAsked ?? (environment["CI"] == "true") }
}

/// Where a report for continuous integration goes.
struct JUnitOptions: ParsableArguments {
    @Option(
        name: .customLong("junit"),
        help: ArgumentHelp(
            "Write gates and hosts as test cases (JUnit XML), however it ends.", valueName: "file"), completion: .file()
    )
    var file: String?
}
