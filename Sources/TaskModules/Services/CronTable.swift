import Fleet

/// What `cron` does to the lines of a crontab.
struct CronTable: Sendable {
    private let name: String
    private let line: String
    private let isVariable: Bool
    private let after: String?
    private let before: String?

    private static let mark = "#Ansible: "

    /// Reads the job.
    /// - Parameter user: The user that the line names, in a file of `/etc/cron.d`.
    init(_ arguments: ModuleArguments, user: String?) throws(InputError) {
        name = try arguments.required("name")
        isVariable = try arguments.bool("env")
        after = try arguments.string("insertafter")
        before = try arguments.string("insertbefore")
        if !isVariable, after != nil || before != nil {
            throw arguments.wrong("insertafter", "and 'insertbefore' need 'env'")
        }
        if isVariable, name.contains(" ") { throw arguments.wrong("name", "of a variable cannot hold spaces") }
        let job = (try arguments.string("job") ?? "").trimmingLineEnds
        guard !isVariable else {
            line = "\(name)=\"\(job)\""
            return
        }
        var times: [String] = []
        for part in ["minute", "hour", "day", "month", "weekday"] { times.append(try arguments.string(part) ?? "*") }
        let special = try arguments.string("special_time")
        if special != nil, times.contains(where: { $0 != "*" }) {
            throw arguments.wrong("special_time", "cannot stand beside a time or a day")
        }
        let time = special.map { "@\($0)" } ?? times.joined(separator: " ")
        let disabled = try arguments.bool("disabled") ? "#" : ""
        line = disabled + ([time] + (user.map { [$0] } ?? []) + [job]).joined(separator: " ")
    }

    /// Names of the jobs that have one.
    static func jobs(_ lines: [String]) -> [String] {
        lines.filter { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) }
    }

    /// Names of the variables.
    static func variables(_ lines: [String]) -> [String] {
        lines.compactMap { line in
            guard let name = line.split(separator: "=", omittingEmptySubsequences: false).first, line.contains("="),
                !name.isEmpty, !name.contains(where: \.isWhitespace)
            else { return nil }
            return String(name)
        }
    }

    /// The lines with the job or variable as it is to be.
    func placing(in lines: [String]) throws(InputError) -> [String] {
        if isVariable { return try placingVariable(in: lines) }
        if let index = lines.firstIndex(of: Self.mark + name), index + 1 < lines.count {
            guard lines[index + 1] != line else { return lines }
            return replacing(lines, by: [Self.mark + name, line])
        }
        // A job without a name may be the one that is meant.
        if let index = lines.firstIndex(of: line), index == 0 || !lines[index - 1].hasPrefix(Self.mark) {
            return lines[..<index] + [Self.mark + name] + lines[index...]
        }
        return lines + [Self.mark + name, line]
    }

    /// The lines without the job or variable.
    func removing(from lines: [String]) -> [String] {
        if isVariable { return lines.filter { !$0.hasPrefix(name + "=") } }
        return replacing(lines, by: [])
    }

    private func replacing(_ lines: [String], by new: [String]) -> [String] {
        var result: [String] = []
        var index = 0
        while index < lines.count {
            if lines[index] == Self.mark + name, index + 1 < lines.count {
                result += new
                index += 2
            } else {
                result.append(lines[index])
                index += 1
            }
        }
        return result
    }

    private func placingVariable(in lines: [String]) throws(InputError) -> [String] {
        if lines.contains(where: { $0.hasPrefix(name + "=") }) {
            return lines.map { $0.hasPrefix(name + "=") ? line : $0 }
        }
        guard let other = after ?? before else { return [line] + lines }
        guard let index = lines.firstIndex(where: { $0.hasPrefix(other + "=") }) else {
            throw InputError("there is no variable '\(other)' in the crontab")
        }
        let place = after == nil ? index : index + 1
        return lines[..<place] + [line] + lines[place...]
    }
}
