public import Fleet
public import Values

/// What a module is called and which parameters it takes; wrong ones are refused before anything is touched.
public struct ModuleSpecification: Sendable {
    /// One parameter.
    public struct Parameter: Sendable {
        /// How its value is read, as Ansible's argument specification has it.
        public enum Kind: Sendable, Equatable {
            /// Text, numbers made text.
            case string
            /// Text that names a path.
            case path
            /// A boolean, in any of Ansible's spellings.
            case bool
            /// A whole number.
            case int
            /// A list; text is split at commas.
            case list
            /// A mapping.
            case map
            /// Anything.
            case raw
        }

        /// Its name.
        public var name: String
        /// Other names for it.
        public var aliases: [String]
        /// How its value is read.
        public var kind: Kind
        /// Whether it must be given.
        public var isRequired: Bool
        /// The values it may have; empty means any.
        public var choices: [String]

        /// A parameter called `name`.
        public init(
            _ name: String, _ kind: Kind = .string, aliases: [String] = [], required: Bool = false,
            choices: [String] = []
        ) {
            self.name = name
            self.kind = kind
            self.aliases = aliases
            isRequired = required
            self.choices = choices
        }
    }

    /// Short name, such as `copy`; `ansible.builtin.copy` and `ansible.legacy.copy` mean the same.
    public var name: String
    /// The collection it belongs to.
    public var collection: String
    /// Its parameters.
    public var parameters: [Parameter]
    /// Whether it takes a free form, as `command` does.
    public var takesFreeForm: Bool
    /// Whether parameters of any name are allowed, as with `set_fact`.
    public var takesAnyParameter: Bool
    /// Whether it needs no connection, as `debug` and `set_fact`.
    public var runsOnController: Bool
    /// Sets of parameters of which at least one must be given; `free_form` stands for the free form.
    public var oneOf: [[String]] = []
    /// Sets of parameters of which at most one may be given.
    public var exclusive: [[String]] = []

    /// A module called `name`.
    public init(
        _ name: String, collection: String = "ansible.builtin", parameters: [Parameter] = [], freeForm: Bool = false,
        anyParameter: Bool = false, runsOnController: Bool = false
    ) {
        self.name = name
        self.collection = collection
        self.parameters = parameters
        takesFreeForm = freeForm
        takesAnyParameter = anyParameter
        self.runsOnController = runsOnController
    }
}

/// Arguments of one task on one host, templated, under their parameters' first names.
public struct ModuleArguments: Sendable {
    /// Values by the parameter's first name; parameters left out or omitted are absent.
    public var values: Variables
    /// The free form, when the module takes one.
    public var freeForm: String?
    /// Where the task stands.
    public var location: SourceLocation

    /// Arguments of the task at `location`.
    public init(_ values: Variables, freeForm: String? = nil, at location: SourceLocation) {
        self.values = values
        self.freeForm = freeForm
        self.location = location
    }
}

/// What a module may ask of the controller.
public struct ModuleContext: Sendable {
    /// Whether this is a check run.
    public var isCheck: Bool
    /// Whether differences are wanted.
    public var wantsDiff: Bool
    /// Whose rights the task has.
    public var privilege: Privilege
    /// Finds a file of the play, looking in a role's `files/` or `templates/` first: folder name and file name give a path.
    public var find: @Sendable (_ folder: String, _ name: String) throws -> String
    /// The bytes of a local file.
    public var read: @Sendable (_ path: String) throws -> [UInt8]
    /// Renders a template file found in `templates/` with the task's variables.
    public var render: @Sendable (_ name: String) throws -> String
    /// The value of an expression in the task's variables, for `debug`'s `var`.
    public var evaluate: @Sendable (_ expression: String) throws -> Value
    /// Whether a condition holds in the task's variables, for `assert`'s `that`.
    public var holds: @Sendable (_ condition: String) throws -> Bool
    /// The local file at a path, or everything below the local folder; see ``LocalFile/all(at:followsLinks:)``.
    public var localFiles: @Sendable (_ path: String, _ followsLinks: Bool) throws -> [LocalFile] = LocalFile.all

    /// What a module may ask.
    public init(
        isCheck: Bool, wantsDiff: Bool, privilege: Privilege,
        find: @escaping @Sendable (_ folder: String, _ name: String) throws -> String,
        read: @escaping @Sendable (_ path: String) throws -> [UInt8],
        render: @escaping @Sendable (_ name: String) throws -> String,
        evaluate: @escaping @Sendable (_ expression: String) throws -> Value,
        holds: @escaping @Sendable (_ condition: String) throws -> Bool
    ) {
        self.isCheck = isCheck
        self.wantsDiff = wantsDiff
        self.privilege = privilege
        self.find = find
        self.read = read
        self.render = render
        self.evaluate = evaluate
        self.holds = holds
    }
}
