import Fleet
import OrderedCollections
public import Values

/// What `invocation` tells of a task's arguments: every parameter of Ansible's module, given or not.
public enum Invocation {
    /// The `invocation` of a result; `nil` for modules whose results have none.
    public static func value(of module: ModuleSpecification, _ arguments: ModuleArguments) -> Value? {
        guard !module.runsOnController, !withoutModule.contains(module.name) else { return nil }
        var fields = defaults(of: module)
        for (name, value) in arguments.values { fields[name] = typed(value, module.parameter(name)?.kind ?? .raw) }
        for name in secrets where fields[name] ?? .null != .null { fields[name] = .string(hidden) }
        if module.takesFreeForm {
            fields["_raw_params"] = arguments.freeForm.map(Value.string) ?? .null
            fields["_uses_shell"] = .bool(module.name == "shell")
        }
        return .map(["module_args": fields.asMap])
    }

    /// The controller does what these are for.
    private static let withoutModule: Set<String> = ["raw", "script"]
    private static let secrets = ["password", "ssh_key_passphrase", "url_password"]
    private static let hidden = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

    /// The value as the module's argument specification makes it.
    private static func typed(_ value: Value, _ kind: ModuleSpecification.Parameter.Kind) -> Value {
        let arguments = ModuleArguments(["value": value], at: SourceLocation(file: ""))
        switch kind {
        case .string, .path: return value.plainText.map(Value.string) ?? value
        case .bool: return value.boolean(in: .argument).map(Value.bool) ?? value
        // What cannot be read as its kind was refused before.
        case .int: return (try? arguments.int("value")).flatMap { $0 }.map(Value.int) ?? value
        // As above.
        case .list: return (try? arguments.list("value")).flatMap { $0 }.map(Value.list) ?? value
        case .map, .raw: return value
        }
    }

    private static func defaults(of module: ModuleSpecification) -> Variables {
        let others = ["template": "copy", "package": "apt", "shell": "command"]
        if let known = parsed[others[module.name] ?? module.name] { return known }
        return Variables(uniqueKeysWithValues: module.parameters.map { ($0.name, .null) })
    }

    private static let attributes = ["attributes", "group", "mode", "owner", "selevel", "serole", "setype", "seuser"]

    private static let parsed: [String: Variables] = table.mapValues { row in
        var fields: Variables = [:]
        for name in row.unset.split(separator: " ") { fields[String(name)] = .null }
        if row.hasAttributes {
            for name in attributes { fields[name] = .null }
            fields["unsafe_writes"] = .bool(false)
        }
        // The table's own text, which the tests read.
        guard case .map(let set)? = try? Value(json: row.set) else { return fields }
        for (name, value) in set { fields[name.plainText ?? ""] = value }
        return fields
    }

    private struct Row {
        /// Parameters that have a value even when none is given, as JSON.
        var set: String
        /// Parameters that then have none.
        var unset: String
        /// Whether it takes the parameters of all modules that write files.
        var hasAttributes = false
    }

    /// Ansible's argument specifications, by module.
    private static let table: [String: Row] = [

        "apt": Row(
            set: """
                {"allow_change_held_packages": false, "allow_downgrade": false, "allow_unauthenticated": false, \
                "auto_install_module_deps": true, "autoclean": false, "autoremove": false, "cache_valid_time": 0, \
                "clean": false, "dpkg_options": "force-confdef,force-confold", "fail_on_autoremove": false, "force": \
                false, "force_apt_get": false, "lock_timeout": 60, "only_upgrade": false, "purge": false, "state": \
                "present", "update_cache_retries": 5, "update_cache_retry_max_delay": 12, "upgrade": "no"}
                """,
            unset: """
                deb default_release install_recommends name policy_rc_d update_cache
                """),
        "apt_repository": Row(
            set: """
                {"install_python_apt": true, "state": "present", "update_cache": true, "update_cache_retries": 5, \
                "update_cache_retry_max_delay": 12, "validate_certs": true}
                """,
            unset: """
                codename filename mode repo
                """),
        "blockinfile": Row(
            set: """
                {"append_newline": false, "backup": false, "block": "", "create": false, "marker": "# {mark} ANSIBLE \
                MANAGED BLOCK", "marker_begin": "BEGIN", "marker_end": "END", "prepend_newline": false, "state": \
                "present"}
                """,
            unset: """
                insertafter insertbefore path validate
                """,
            hasAttributes: true),
        "command": Row(
            set: """
                {"expand_argument_vars": true, "stdin_add_newline": true, "strip_empty_ends": true}
                """,
            unset: """
                argv chdir cmd creates executable removes stdin
                """),
        "copy": Row(
            set: """
                {"backup": false, "follow": false, "force": true, "remote_src": false}
                """,
            unset: """
                _original_basename checksum content dest directory_mode local_follow src validate
                """,
            hasAttributes: true),
        "cron": Row(
            set: """
                {"backup": false, "day": "*", "disabled": false, "env": false, "hour": "*", "minute": "*", "month": \
                "*", "state": "present", "weekday": "*"}
                """,
            unset: """
                cron_file insertafter insertbefore job name special_time user
                """),
        "deb822_repository": Row(
            set: """
                {"mode": "0644", "state": "present", "types": ["deb"]}
                """,
            unset: """
                allow_downgrade_to_insecure allow_insecure allow_weak architectures by_hash check_date \
                check_valid_until components date_max_future enabled inrelease_path languages name pdiffs signed_by \
                suites targets trusted uris
                """),
        "dnf": Row(
            set: """
                {"allow_downgrade": false, "allowerasing": false, "autoremove": false, "bugfix": false, "cacheonly": \
                false, "disable_gpg_check": false, "disable_plugin": [], "disablerepo": [], "download_only": false, \
                "enable_plugin": [], "enablerepo": [], "exclude": [], "install_repoquery": true, "install_weak_deps": \
                true, "installroot": "/", "lock_timeout": 30, "name": [], "security": false, "skip_broken": false, \
                "sslverify": true, "update_cache": false, "update_only": false, "use_backend": "auto", \
                "validate_certs": true}
                """,
            unset: """
                best conf_file disable_excludes download_dir list nobest releasever state
                """),
        "file": Row(
            set: """
                {"access_time_format": "%Y%m%d%H%M.%S", "follow": true, "force": false, "modification_time_format": \
                "%Y%m%d%H%M.%S", "recurse": false}
                """,
            unset: """
                _diff_peek _original_basename access_time modification_time path src state
                """,
            hasAttributes: true),
        "find": Row(
            set: """
                {"age_stamp": "mtime", "checksum_algorithm": "sha1", "exact_mode": true, "file_type": "file", \
                "follow": false, "get_checksum": false, "hidden": false, "patterns": [], "read_whole_file": false, \
                "recurse": false, "use_regex": false}
                """,
            unset: """
                age contains depth encoding excludes limit mode paths size
                """),
        "get_url": Row(
            set: """
                {"backup": false, "checksum": "", "decompress": true, "force": false, "force_basic_auth": false, \
                "http_agent": "ansible-httpget", "timeout": 10, "unredirected_headers": [], "use_gssapi": false, \
                "use_netrc": true, "use_proxy": true, "validate_certs": true}
                """,
            unset: """
                ciphers client_cert client_key dest headers tmp_dest url url_password url_username
                """,
            hasAttributes: true),
        "getent": Row(
            set: """
                {"fail_key": true}
                """,
            unset: """
                database key service split
                """),
        "group": Row(
            set: """
                {"force": false, "local": false, "non_unique": false, "state": "present", "system": false}
                """,
            unset: """
                gid gid_max gid_min name
                """),
        "hostname": Row(
            set: """
                {}
                """,
            unset: """
                name use
                """),
        "known_hosts": Row(
            set: """
                {"hash_host": false, "path": "~/.ssh/known_hosts", "state": "present"}
                """,
            unset: """
                key name
                """),
        "lineinfile": Row(
            set: """
                {"backrefs": false, "backup": false, "create": false, "firstmatch": false, "state": "present"}
                """,
            unset: """
                insertafter insertbefore line path regexp search_string validate
                """,
            hasAttributes: true),
        "package_facts": Row(
            set: """
                {"manager": ["auto"], "strategy": "first"}
                """,
            unset: ""),
        "ping": Row(
            set: """
                {"data": "pong"}
                """,
            unset: ""),
        "replace": Row(
            set: """
                {"backup": false, "encoding": "utf-8", "replace": ""}
                """,
            unset: """
                after before path regexp validate
                """,
            hasAttributes: true),
        "service": Row(
            set: """
                {"arguments": "", "runlevel": "default", "use": "auto"}
                """,
            unset: """
                enabled name pattern sleep state
                """),
        "setup": Row(
            set: """
                {"fact_path": "/etc/ansible/facts.d", "filter": [], "gather_subset": ["all"], "gather_timeout": 10}
                """,
            unset: ""),
        "slurp": Row(
            set: """
                {}
                """,
            unset: """
                src
                """),
        "stat": Row(
            set: """
                {"checksum_algorithm": "sha1", "follow": false, "get_attributes": true, "get_checksum": true, \
                "get_mime": true}
                """,
            unset: """
                path
                """),
        "systemd": Row(
            set: """
                {"daemon_reexec": false, "daemon_reload": false, "no_block": false, "scope": "system"}
                """,
            unset: """
                enabled force masked name state
                """),
        "unarchive": Row(
            set: """
                {"copy": true, "decrypt": true, "exclude": [], "extra_opts": [], "include": [], "io_buffer_size": \
                65536, "keep_newer": false, "list_files": false, "remote_src": false, "validate_certs": true}
                """,
            unset: """
                creates dest src
                """,
            hasAttributes: true),
        "uri": Row(
            set: """
                {"body_format": "raw", "decompress": true, "follow_redirects": "safe", "force": false, \
                "force_basic_auth": false, "headers": {}, "http_agent": "ansible-httpget", "method": "GET", \
                "remote_src": false, "return_content": false, "status_code": [200], "timeout": 30, \
                "unredirected_headers": [], "use_gssapi": false, "use_netrc": true, "use_proxy": true, \
                "validate_certs": true}
                """,
            unset: """
                body ca_path ciphers client_cert client_key creates dest removes src unix_socket url url_password \
                url_username
                """,
            hasAttributes: true),
        "user": Row(
            set: """
                {"append": false, "create_home": true, "force": false, "generate_ssh_key": false, "local": false, \
                "move_home": false, "non_unique": false, "remove": false, "ssh_key_comment": "ansible-generated on \
                $HOSTNAME", "ssh_key_type": "rsa", "state": "present", "system": false, "update_password": "always"}
                """,
            unset: """
                authorization comment expires group groups hidden home login_class name password \
                password_expire_account_disable password_expire_max password_expire_min password_expire_warn \
                password_lock profile role seuser shell skeleton ssh_key_bits ssh_key_file ssh_key_passphrase uid \
                uid_max uid_min umask
                """),
        "wait_for": Row(
            set: """
                {"active_connection_states": ["ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "SYN_RECV", "SYN_SENT", \
                "TIME_WAIT"], "connect_timeout": 5, "delay": 0, "host": "127.0.0.1", "sleep": 1, "state": "started", \
                "timeout": 300}
                """,
            unset: """
                exclude_hosts msg path port search_regex
                """),
    ]
}
