import Fleet

/// The modules that a task may call.
public enum ModuleCatalog {
    /// All of them.
    public static let modules: [any TaskModule.Type] = [
        AptModule.self, AptRepositoryModule.self, AssertModule.self, AuthorizedKeyModule.self, BlockInFileModule.self,
        CommandModule.self, CopyModule.self, CronModule.self, Deb822RepositoryModule.self, DebugModule.self,
        DnfModule.self, FailModule.self, FileModule.self, FindModule.self, GetURLModule.self, GetentModule.self,
        GroupModule.self, HostnameModule.self, KnownHostsModule.self, LineInFileModule.self, PackageFactsModule.self,
        PackageModule.self, PingModule.self, RawModule.self, ReplaceModule.self, ScriptModule.self,
        ServiceFactsModule.self, ServiceModule.self, SetFactModule.self, SetupModule.self, ShellModule.self,
        SlurpModule.self, StatModule.self, SysctlModule.self, SystemdModule.self, TemplateModule.self, URIModule.self,
        UnarchiveModule.self, UserModule.self, WaitForModule.self,
    ]

    /// The module that a task calls by `name`: `copy`, `ansible.builtin.copy`, `ansible.legacy.copy`.
    public static func module(named name: String) -> (any TaskModule.Type)? { byName[name] }

    /// Names like `name`, for a hint.
    public static func hints(for name: String) -> [String] {
        NearestNames.hints(
            for: String(name.split(separator: ".").last ?? ""), among: byName.keys.filter { !$0.contains(".") })
    }

    private static let byName: [String: any TaskModule.Type] = {
        var table: [String: any TaskModule.Type] = [:]
        for module in modules {
            for name in module.specification.names + module.otherNames { table[name] = module }
        }
        return table
    }()
}

extension TaskModule {
    /// Further names under which a task may call the module.
    public static var otherNames: [String] { [] }
}
