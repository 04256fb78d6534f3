import Fleet

/// What `$DROVER_CONNECTIONS` says about keeping connections.
enum KeepingChoice {
    static let variable = "DROVER_CONNECTIONS"
    /// How long, where nobody says otherwise.
    static let usual: Duration = .seconds(60)
    /// The longest that may be asked for, in seconds.
    static let most = 3600

    /// For how long connections are kept that nobody uses; `nil` keeps none.
    ///
    /// Where a job of a CI system runs nothing is kept unless somebody says so: jobs of one user need not trust one another.
    /// - Throws: ``InputError`` for what is neither `off` nor a number of seconds.
    static func time(in environment: [String: String]) throws(InputError) -> Duration? {
        guard let said = environment[variable], !said.isEmpty else {
            return environment["CI"] == "true" ? nil : usual
        }
        if said == "off" { return nil }
        guard let seconds = Int(said), (0...most).contains(seconds) else {
            throw InputError(
                "\(variable) is 'off' or a number of seconds up to \(most), not '\(said)'",
                hints: ["\(variable)=off keeps no connections, \(variable)=300 keeps them for five minutes"])
        }
        return seconds == 0 ? nil : .seconds(seconds)
    }
}
