import Fleet
public import OrderedCollections
public import Values

/// What a name means.
public enum Binding: Sendable {
    /// A value; templates inside it are evaluated in the scope that is asked, when they are used.
    case value(Value)
    /// Something looked up key by key, so that only what is used is computed: `hostvars`, the groups of a big inventory.
    case mapping(any LazyMapping)
}

/// A mapping whose elements are computed when they are asked for.
public protocol LazyMapping: Sendable {
    /// The element under `key`, or `nil` when there is none.
    ///
    /// Templates in it are evaluated in the scope of the render that asks. A mapping for another host returns finished
    /// values instead.
    /// - Throws: Anything; it passes through rendering unchanged.
    func binding(for key: String) throws -> Binding?
    /// The keys, in order.
    /// - Throws: Anything; it passes through rendering unchanged.
    var keys: [String] { get throws }
    /// Whether there is an element under `key`. Evaluates nothing.
    func contains(_ key: String) throws -> Bool
}

extension LazyMapping {
    /// Whether ``binding(for:)`` gives something.
    public func contains(_ key: String) throws -> Bool { try binding(for: key) != nil }
}

/// Resolves the names a template uses.
public protocol TemplateScope {
    /// What `name` means, or `nil` when it is undefined.
    /// - Throws: Anything, such as "unknown until step 3"; it passes through rendering unchanged, through `default` and
    ///   `is defined` too.
    func binding(for name: String) throws -> Binding?
    /// Every name that is defined, for hints about misspelt ones and the `varnames` lookup; may be empty.
    var names: [String] { get }
    /// Hears that an evaluation used something besides names: a lookup, the clock, chance, or what stands at a path.
    func noteOutside()
}

extension TemplateScope {
    /// Most scopes do not care.
    public func noteOutside() {}
    /// None: a scope that cannot list its names gives no hints.
    public var names: [String] { [] }
}

/// Variables are a scope of their own.
extension Variables: TemplateScope {
    /// The variable of that name.
    public func binding(for name: String) -> Binding? { self[name].map(Binding.value) }
    /// The variables' names.
    public var names: [String] { Array(keys) }
}
