import Fleet

/// Many hosts in few words.
enum NodeSet {
    /// `ap01-ap20, lb1`: runs of names that differ by a number that goes up by one are drawn together.
    static func text(_ hosts: [HostName]) -> String {
        var runs: [(first: String, last: String, count: Int, next: String?)] = []
        for host in hosts.map(\.description) {
            if let run = runs.last, run.next == host {
                runs[runs.count - 1] = (run.first, host, run.count + 1, successor(of: host))
            } else {
                runs.append((host, host, 1, successor(of: host)))
            }
        }
        return runs.map { run in
            switch run.count {
            case 1: run.first
            case 2: "\(run.first), \(run.last)"
            default: "\(run.first)-\(run.last)"
            }
        }.joined(separator: ", ")
    }

    /// The name with its last number one higher, its zeros kept.
    private static func successor(of name: String) -> String? {
        guard let end = name.lastIndex(where: \.isNumber) else { return nil }
        var start = end
        while start > name.startIndex, name[name.index(before: start)].isNumber { start = name.index(before: start) }
        let digits = name[start...end]
        guard let number = Int(digits) else { return nil }
        let next = String(number + 1)
        let zeros = String(repeating: "0", count: max(0, digits.count - next.count))
        return name[..<start] + zeros + next + name[name.index(after: end)...]
    }
}
