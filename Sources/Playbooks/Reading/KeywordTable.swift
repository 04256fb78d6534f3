/// Which keywords plays, tasks and blocks may have: honoured, or refused with a way out. Any other is unknown.
enum KeywordTable {
    /// Keywords with one value that plays, roles, blocks and tasks share.
    static let shared = Set(TaskKeyword.allCases.map(\.rawValue))
        .union(["name", "tags", "vars", "environment", "module_defaults", "collections"])

    /// Keywords of a play.
    static let play = shared.union([
        "hosts", "user", "vars_files", "vars_prompt", "roles", "pre_tasks", "tasks", "post_tasks", "handlers",
        "serial", "gather_facts", "gather_subset", "gather_timeout", "order", "max_fail_percentage", "force_handlers",
        "strategy",
    ]).subtracting(["delegate_to", "delegate_facts"])

    /// Keywords of a block.
    static let block = shared.union(["block", "rescue", "always", "when", "notify"])

    /// Keywords of a task.
    static let task = shared.union([
        "when", "loop", "loop_control", "register", "notify", "changed_when", "failed_when", "until", "retries",
        "delay", "args", "action", "local_action", "async", "poll",
    ])

    /// Keywords of a handler.
    static let handler = task.union(["listen"])

    /// Keywords that `include_tasks`, `include_role` and their `import_` kin may have beside the shared ones.
    static let include = shared.union(["when", "loop", "loop_control", "register", "notify", "args"])

    /// Keywords of an entry under `roles:` or of a dependency; everything else is a parameter of the role.
    static let role = shared.union(["role", "when"])

    /// Keywords that Ansible knows and Drover does not honour, with what to do instead.
    static let refused: [String: String] = [
        "become_exe": "only sudo from the host's PATH is used",
        "become_flags": "only sudo without further flags is used",
        "debugger": "run with --check --diff to see what a task would do",
        "fact_path": "put local facts into /etc/ansible/facts.d",
        "include": "Ansible removed it: use import_tasks or include_tasks",
        "sudo": "Ansible removed it: use become",
        "sudo_user": "Ansible removed it: use become_user",
        "first_available_file": "Ansible removed it: use with_first_found",
        "always_run": "Ansible removed it: use check_mode: false",
        "static": "Ansible removed it: use import_tasks or include_tasks",
        "su": "Ansible removed it: use become",
        "su_user": "Ansible removed it: use become_user",
    ]
}
