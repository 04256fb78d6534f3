extension Value {
    /// Whether a template stands in it at any depth.
    public var holdsTemplate: Bool {
        switch self {
        case .template: true
        case .list(let elements): elements.contains(where: \.holdsTemplate)
        case .map(let fields): fields.contains { $0.key.holdsTemplate || $0.value.holdsTemplate }
        default: false
        }
    }

    /// Text of a scalar as Python's `str` gives it; `nil` for collections and `None`.
    public var plainText: String? {
        switch self {
        case .null, .list, .map: nil
        case .bool, .int, .double, .string, .template: pythonText
        }
    }
}
