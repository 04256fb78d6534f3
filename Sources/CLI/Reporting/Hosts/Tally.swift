import AdHoc
import Fleet

/// How many hosts ended how, for the last line of a command on many.
struct Tally {
    private var statuses: [Int32: Int] = [:]
    private var unfinished = 0
    private var leftOut = 0

    /// Counts one host.
    mutating func count(_ end: CommandEnd) {
        switch end.result {
        case .success(let status): statuses[status, default: 0] += 1
        case .failure: unfinished += 1
        case nil: leftOut += 1
        }
    }

    /// `200 hosts: 197 done, 2 ended with status 1, 1 not reached to the end`; `nil` for one host, which says it itself.
    var words: String? {
        let total = statuses.values.reduce(0, +) + unfinished + leftOut
        guard total > 1 else { return nil }
        var parts: [String] = []
        if let done = statuses[0] { parts.append("\(done) done") }
        for (status, count) in statuses.sorted(by: { $0.key < $1.key }) where status != 0 {
            parts.append("\(count) ended with status \(status)")
        }
        if unfinished > 0 { parts.append("\(unfinished) not reached to the end") }
        if leftOut > 0 { parts.append("\(leftOut) left out") }
        return "\(total) hosts: " + parts.joined(separator: ", ")
    }
}
