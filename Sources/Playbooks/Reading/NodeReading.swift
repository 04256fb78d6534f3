import Fleet
import Inventories
import OrderedCollections
import Values

/// Typed values out of YAML nodes, with messages that name the keyword.
extension SourceNode {
    /// The entries of a mapping, with their keys as text.
    func fields(of what: String) throws(InputError) -> [(key: String, node: SourceNode)] {
        guard let entries else {
            throw InputError("\(what) must be a mapping, not \(summary)", at: location)
        }
        var fields: [(key: String, node: SourceNode)] = []
        fields.reserveCapacity(entries.count)
        for entry in entries { fields.append((try entry.key.keyText(), entry.value)) }
        return fields
    }

    /// The text of a mapping's key; numbers and booleans are taken as they are written in Python.
    func keyText() throws(InputError) -> String {
        switch content {
        case .scalar(.string(let text)): return text
        case .scalar(.template(let template)): return template.text
        case .scalar(.int(let number)): return String(number)
        case .scalar(.bool(let flag)): return flag ? "True" : "False"
        default: throw InputError("a name is expected here, not \(summary)", at: location)
        }
    }

    /// The elements of a list; nothing counts as an empty one.
    func list(of what: String) throws(InputError) -> [SourceNode] {
        if isNull { return [] }
        guard let items else { throw InputError("\(what) must be a list, not \(summary)", at: location) }
        return items
    }

    /// A list, or one value that stands for a list of one.
    var oneOrMore: [SourceNode] {
        if isNull { return [] }
        return items ?? [self]
    }

    /// Names: a list of texts, or one text with commas between.
    func names(of what: String) throws(InputError) -> [String] {
        var names: [String] = []
        for node in oneOrMore {
            switch node.content {
            case .scalar(.int(let number)): names.append(String(number))
            default:
                guard let text = node.text else {
                    throw InputError("\(what) must be names, not \(node.summary)", at: node.location)
                }
                names += text.split(separator: ",").map { $0.stripped }.filter { !$0.isEmpty }
            }
        }
        return names
    }

    /// Plain text that is not a template.
    func plainText(of what: String) throws(InputError) -> String {
        switch content {
        case .scalar(.string(let text)): return text
        case .scalar(.int(let number)): return String(number)
        case .scalar(.template):
            throw InputError("\(what) cannot be a template", at: location, hints: ["write the name itself"])
        default: throw InputError("\(what) must be text, not \(summary)", at: location)
        }
    }

    /// A literal boolean.
    func flag(of what: String) throws(InputError) -> Bool {
        switch content {
        case .scalar(let value):
            if let flag = value.boolean(in: .argument) { return flag }
            fallthrough
        default: throw InputError("\(what) must be true or false, not \(summary)", at: location)
        }
    }
}
