import Fleet
import OrderedCollections
import Values

/// Distribution, kernel, names, and which programs manage services and packages.
enum SystemFacts {
    static let names = [
        "distribution", "distribution_version", "distribution_major_version", "distribution_release",
        "distribution_file_path", "distribution_file_variety", "os_family", "system", "kernel", "kernel_version",
        "architecture", "machine", "userspace_architecture", "userspace_bits", "hostname", "nodename", "fqdn",
        "domain", "service_mgr", "pkg_mgr", "machine_id", "cmdline", "proc_cmdline", "uptime_seconds", "product_name",
        "system_vendor", "lsb", "selinux", "apparmor", "fips", "virtualization_type",
        "virtualization_role",
    ]

    /// `grep -H` reads all files in one process.
    static let lines = [
        "printf '@@ uname\\n'; uname -s; uname -r; uname -v; uname -m; uname -n",
        "printf '@@ fqdn\\n'; hostname -f",
        "printf '@@ files\\n'",
        "grep -sH '' /etc/os-release /etc/debian_version /etc/machine-id /proc/cmdline /proc/uptime /proc/1/comm"
            + " /sys/class/dmi/id/product_name /sys/class/dmi/id/sys_vendor /sys/module/apparmor/parameters/enabled"
            + " /proc/sys/crypto/fips_enabled /sys/fs/selinux/enforce",
        "printf '@@ tools\\n'",
        "[ -d /run/systemd/system ] && echo systemd",
        "for p in apt-get dnf yum zypper pacman apk; do command -v $p >/dev/null && echo $p; done",
        "printf '@@ virtual\\n'; systemd-detect-virt",
    ]

    static func parse(_ parts: FactParts) -> Variables {
        let files = parts.files("files")
        var facts = distribution(files)
        let uname = parts["uname"].map(String.init) + Array(repeating: "", count: 5)
        facts["system"] = .string(uname[0])
        facts["kernel"] = .string(uname[1])
        facts["kernel_version"] = .string(uname[2])
        facts["architecture"] = .string(architecture(uname[3]))
        facts["machine"] = .string(uname[3])
        facts["userspace_architecture"] = .string(architecture(uname[3]))
        facts["userspace_bits"] = .string(uname[3].contains("64") ? "64" : "32")
        facts.merge(hostNames(node: uname[4], fqdn: parts.first("fqdn"))) { $1 }
        facts.merge(managers(parts["tools"].map(String.init), init: files["/proc/1/comm"]?.first)) { $1 }
        facts.merge(machine(files, virtualization: parts.first("virtual"))) { $1 }
        return facts
    }

    private static func architecture(_ machine: String) -> String {
        machine.hasPrefix("i") && machine.hasSuffix("86") ? "i386" : machine
    }

    private static func distribution(_ files: [String: [Substring]]) -> Variables {
        let release = assignments(files["/etc/os-release"] ?? [])
        let id = release["ID"] ?? ""
        let (name, family) =
            known[id]
            ?? (
                release["NAME"] ?? "NA",
                (release["ID_LIKE"] ?? "").contains("debian") ? "Debian" : release["NAME"] ?? ""
            )
        var version = release["VERSION_ID"] ?? "NA"
        let major = String(version.split(separator: ".").first ?? "NA")
        // Debian's point release stands only in this file.
        if id == "debian", let full = files["/etc/debian_version"]?.first, full.first?.isNumber == true {
            version = String(full)
        }
        return [
            "distribution": .string(name), "distribution_version": .string(version),
            "distribution_major_version": .string(major),
            "distribution_release": .string(release["VERSION_CODENAME"] ?? "NA"),
            "distribution_file_path": .string("/etc/os-release"), "distribution_file_variety": .string(family),
            "os_family": .string(family),
            "lsb": .map([
                "id": .string(name), "release": .string(version), "major_release": .string(major),
                "codename": .string(release["VERSION_CODENAME"] ?? ""),
                "description": .string(release["PRETTY_NAME"] ?? ""),
            ]),
        ]
    }

    private static let known: [String: (String, String)] = [
        "debian": ("Debian", "Debian"), "ubuntu": ("Ubuntu", "Debian"), "raspbian": ("Debian", "Debian"),
        "linuxmint": ("Linux Mint", "Debian"), "kali": ("Kali", "Debian"), "pop": ("Pop!_OS", "Debian"),
        "rhel": ("RedHat", "RedHat"), "centos": ("CentOS", "RedHat"), "fedora": ("Fedora", "RedHat"),
        "rocky": ("Rocky", "RedHat"), "almalinux": ("AlmaLinux", "RedHat"), "amzn": ("Amazon", "RedHat"),
        "ol": ("OracleLinux", "RedHat"), "alpine": ("Alpine", "Alpine"), "arch": ("Archlinux", "Archlinux"),
        "opensuse-leap": ("openSUSE Leap", "Suse"), "opensuse-tumbleweed": ("openSUSE Tumbleweed", "Suse"),
        "sles": ("SLES", "Suse"),
    ]

    private static func hostNames(node: String, fqdn: String) -> Variables {
        let full = fqdn.isEmpty ? node : fqdn
        let domain = full.split(separator: ".", maxSplits: 1).dropFirst().first ?? ""
        return [
            "nodename": .string(node), "hostname": .string(String(node.split(separator: ".").first ?? "")),
            "fqdn": .string(full), "domain": .string(String(domain)),
        ]
    }

    private static func managers(_ tools: [String], init: Substring?) -> Variables {
        let packages = tools.first { $0 != "systemd" } ?? "unknown"
        let services = tools.contains("systemd") ? "systemd" : String(`init` ?? "service")
        return [
            "service_mgr": .string(services == "init" ? "sysvinit" : services),
            "pkg_mgr": .string(packages == "apt-get" ? "apt" : packages),
        ]
    }

    private static func machine(_ files: [String: [Substring]], virtualization: String) -> Variables {
        func line(_ file: String) -> String? { files[file]?.first.map(String.init) }
        let words = (line("/proc/cmdline") ?? "").split(separator: " ")
        var arguments: OrderedDictionary<Value, Value> = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            arguments[.string(parts[0])] = parts.count > 1 ? .string(parts[1]) : .bool(true)
        }
        let isVirtual = !["none", ""].contains(virtualization)
        return [
            "machine_id": .string(line("/etc/machine-id") ?? ""),
            "cmdline": .map(arguments), "proc_cmdline": .map(arguments),
            "uptime_seconds": .int(Double((line("/proc/uptime") ?? "0").prefix { $0 != " " })?.wholePart ?? 0),
            "product_name": .string(line("/sys/class/dmi/id/product_name") ?? "NA"),
            "system_vendor": .string(line("/sys/class/dmi/id/sys_vendor") ?? "NA"),
            "selinux": .map(["status": .string(line("/sys/fs/selinux/enforce") == nil ? "disabled" : "enabled")]),
            "apparmor": .map([
                "status": .string(line("/sys/module/apparmor/parameters/enabled") == "Y" ? "enabled" : "disabled")
            ]),
            "fips": .bool(line("/proc/sys/crypto/fips_enabled") == "1"),
            "virtualization_type": .string(isVirtual ? virtualization : "NA"),
            "virtualization_role": .string(isVirtual ? "guest" : "NA"),
        ]
    }

    /// Lines of the form `NAME=value` or `NAME="value"`.
    static func assignments(_ lines: [Substring]) -> [String: String] {
        var values: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            values[String(parts[0])] = parts[1].trimmingQuotes
        }
        return values
    }
}

extension Substring {
    /// Without a pair of quotes around it.
    fileprivate var trimmingQuotes: String {
        guard count >= 2, let quote = first, quote == last, quote == "\"" || quote == "'" else { return String(self) }
        return String(dropFirst().dropLast())
    }
}
