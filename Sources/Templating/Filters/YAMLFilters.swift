import Values

/// Writing YAML.
extension Filters {
    static let yaml: [String: Plugin] = [
        "to_yaml": Plugin("default_flow_style", moreNamed: true) { call in
            .string(try call.subject.yaml(layout(call, isNice: false)))
        },
        "to_nice_yaml": Plugin("indent", "default_flow_style", moreNamed: true) { call in
            .string(try call.subject.yaml(layout(call, isNice: true)))
        },
    ]

    private static func layout(_ call: PluginCall, isNice: Bool) throws -> YAMLLayout {
        var layout = YAMLLayout()
        if isNice { layout.indent = try call.integer(0, default: 4) }
        switch call[isNice ? 1 : 0] {
        case nil: layout.flow = isNice ? .never : .leaves
        case .some(.none): layout.flow = .leaves
        case .some(let flow): layout.flow = try flow.isTrue() ? .always : .never
        }
        for (name, value) in call.named {
            switch name {
            case "indent": layout.indent = value.integer ?? 2
            case "width": layout.width = value.integer ?? 80
            case "sort_keys": layout.sortsKeys = try value.isTrue()
            case "explicit_start": layout.startsExplicitly = try value.isTrue()
            case "explicit_end": layout.endsExplicitly = try value.isTrue()
            case "default_style": layout.style = value.isNone ? nil : try value.text().first
            case "allow_unicode": layout.allowsUnicode = try value.isTrue()
            case "canonical": layout.isCanonical = try value.isTrue()
            case "line_break", "encoding", "version", "tags": continue
            default: throw TemplateError.filter("got an unexpected keyword argument '\(name)'")
            }
        }
        return layout
    }
}
