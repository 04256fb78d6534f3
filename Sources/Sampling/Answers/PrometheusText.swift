/// Figures in the text format 0.0.4 of Prometheus.
struct PrometheusText {
    private(set) var text = ""

    enum Kind: String {
        case counter
        case gauge
        case untyped
    }

    /// One figure: its labels, and its value as written.
    struct Value {
        var labels: [(name: String, value: String)]
        var value: String?
    }

    /// A family of figures; nothing where none of them is known.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ values: [Value]) {
        let known = values.filter { $0.value != nil }
        guard !known.isEmpty else { return }
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for value in known {
            text += name
            if !value.labels.isEmpty {
                let labels = value.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
                text += "{\(labels.joined(separator: ","))}"
            }
            text += " \(value.value ?? "")\n"
        }
    }

    /// A figure of its own.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: String?) {
        add(name, kind, help, [Value(labels: [], value: value)])
    }

    /// A number as it is written: `nil` where it is not known.
    static func number(_ value: UInt64?) -> String? { value.map { String($0) } }

    static func number(_ value: Double?) -> String? { value.map { "\($0)" } }

    /// A counter in parts of a second, in seconds.
    static func seconds(_ count: UInt64?, per second: Double) -> String? { count.map { "\(Double($0) / second)" } }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
