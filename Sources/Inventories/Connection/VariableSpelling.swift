import Fleet
import Values

extension ConnectionVariables {
    /// Says that a variable was hardly meant to be called so: it is nearly one that says how a host is reached. Ansible passes
    /// over such names, and reaches another host than was meant.
    static func misspelling(_ name: String, _ value: Value) -> String? {
        guard name.hasPrefix(prefix), !names.contains(name), !others.contains(name) else { return nil }
        switch value {
        // What says how a host is reached is a single value: `ansible_users` with a list is somebody's own.
        case .list, .map: return nil
        default: break
        }
        let bare = String(name.dropFirst(prefix.count))
        // What all the names begin with is no likeness.
        guard let near = mistaken[bare] ?? NearestNames.of(bare, among: bareNames).first else { return nil }
        return "the unknown variable '\(name)'; did you mean '\(prefix)\(near)'?"
    }

    private static let prefix = "ansible_"

    private static let bareNames = names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }

    /// Names that are often taken for others, though not near to them.
    private static let mistaken = [
        "username": "user", "pass": "password", "ip": "host", "address": "host", "ssh_key_file": "ssh_private_key_file",
        "ssh_identity_file": "ssh_private_key_file", "sudo_password": "become_password",
    ]

    /// Names near to the ones that count here, and as right.
    private static let others: Set<String> = [
        "ansible_become", "ansible_become_user", "ansible_become_flags", "ansible_become_exe", "ansible_become_plugin",
        "ansible_ssh_executable", "ansible_ssh_pipelining", "ansible_pipelining", "ansible_ssh_transfer_method",
        "ansible_ssh_retries", "ansible_ssh_use_tty", "ansible_ssh_host_key_checking", "ansible_host_key_checking",
        "ansible_ssh_private_key", "ansible_private_key", "ansible_ssh_password_mechanism", "ansible_ssh_verbosity",
        "ansible_ssh_pkcs11_provider", "ansible_connection_timeout", "ansible_connection_user",
        "ansible_command_timeout", "ansible_sudo", "ansible_sudo_user", "ansible_sudo_exe", "ansible_sudo_flags",
        "ansible_sudo_chdir", "ansible_su_pass", "ansible_su_user", "ansible_su_exe", "ansible_su_flags", "ansible_su",
        "ansible_su_password", "ansible_group_priority", "ansible_remote_port", "ansible_remote_user",
        "ansible_scp_extra_args", "ansible_sftp_extra_args", "ansible_docker_extra_args", "ansible_shell_type",
        "ansible_shell_executable", "ansible_winrm_port", "ansible_winrm_host", "ansible_winrm_user",
        "ansible_winrm_pass", "ansible_winrm_password", "ansible_winrm_connection_timeout", "ansible_paramiko_host",
        "ansible_paramiko_pass", "ansible_paramiko_password", "ansible_paramiko_port", "ansible_paramiko_timeout",
        "ansible_paramiko_user", "ansible_paramiko_private_key_file", "ansible_psrp_host", "ansible_psrp_port",
        "ansible_psrp_user", "ansible_runas_pass", "ansible_runas_user", "ansible_perl_interpreter",
        "ansible_ruby_interpreter", "ansible_facts", "ansible_forks", "ansible_limit", "ansible_version",
    ]
}
