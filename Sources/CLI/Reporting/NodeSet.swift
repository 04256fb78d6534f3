import Fleet

/// Many hosts in few words.
enum NodeSet {
    /// `ap[01-20], lb1, web[001-003,007].example.org`: neighbours whose names differ in one number alone are drawn together,
    /// as ClusterShell writes node sets; two of them are not.
    static func text(_ hosts: [HostName]) -> String {
        var runs: [NodeRun] = []
        for host in hosts.map({ NumberedName($0.description) }) {
            if runs.last?.takes(host) == true { runs[runs.count - 1].append(host) } else { runs.append(NodeRun(host)) }
        }
        return runs.map(\.text).joined(separator: ", ")
    }
}

/// A name as texts and numbers by turns.
private struct NumberedName {
    let name: String
    /// The texts between the numbers; one more than these.
    var texts: [Substring] = []
    var numbers: [Substring] = []

    init(_ name: String) {
        self.name = name
        var rest = name[...]
        while true {
            let text = rest.prefix { !$0.isASCII || !$0.isNumber }
            texts.append(text)
            rest = rest[text.endIndex...]
            if rest.isEmpty { return }
            let number = rest.prefix { $0.isASCII && $0.isNumber }
            numbers.append(number)
            rest = rest[number.endIndex...]
        }
    }

    /// The one number in which a later name differs, where it is greater there and as wide as a count would make it.
    func step(to later: Self) -> Int? {
        guard texts == later.texts else { return nil }
        let differing = numbers.indices.filter { numbers[$0] != later.numbers[$0] }
        guard differing.count == 1, let field = differing.first else { return nil }
        let (mine, theirs) = (numbers[field], later.numbers[field])
        guard let low = Int(mine), let high = Int(theirs), low < high else { return nil }
        return mine.count == theirs.count || !(mine.first == "0" || theirs.first == "0") ? field : nil
    }
}

/// Names that are drawn together.
private struct NodeRun {
    private var names: [NumberedName]
    /// The number in which they differ.
    private var field: Int?

    init(_ name: NumberedName) { names = [name] }

    func takes(_ name: NumberedName) -> Bool {
        guard let step = names.last?.step(to: name) else { return false }
        return field == nil || field == step
    }

    mutating func append(_ name: NumberedName) {
        field = names.last?.step(to: name)
        names.append(name)
    }

    var text: String {
        guard names.count > 2, let field, let first = names.first else {
            return names.map(\.name).joined(separator: ", ")
        }
        var text = ""
        for (index, part) in first.texts.enumerated() {
            text += part
            guard index < first.numbers.count else { continue }
            text += index == field ? "[" + ranges(of: field) + "]" : first.numbers[index]
        }
        return text
    }

    /// `001-003,007`
    private func ranges(of field: Int) -> String {
        var ranges: [(first: Substring, last: Substring)] = []
        for number in names.map({ $0.numbers[field] }) {
            if let last = ranges.last?.last, Int(last).map({ $0 + 1 }) == Int(number) {
                ranges[ranges.count - 1].last = number
            } else {
                ranges.append((number, number))
            }
        }
        return ranges.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }.joined(separator: ",")
    }
}
