import Fleet
import OrderedCollections

/// RPM packages, through whichever of `dnf` and `yum` the host has.
struct DnfModule: TaskModule {
    /// The parameters of `dnf` that most playbooks use.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification(
            "dnf",
            parameters: [
                .init("name", .list, aliases: ["pkg"]), .init("update_cache", .bool, aliases: ["expire-cache"]),
                .init("state", choices: ["present", "absent", "latest", "installed", "removed"]),
                .init("enablerepo", .list), .init("disablerepo", .list), .init("exclude", .list),
                .init("disable_gpg_check", .bool), .init("allow_downgrade", .bool), .init("autoremove", .bool),
                .init("install_weak_deps", .bool), .init("lock_timeout", .int), .init("validate_certs", .bool),
                .init("use_backend"),
            ])
        specification.oneOf = [["name", "update_cache", "autoremove"]]
        return specification
    }()

    static let otherNames = ["yum", "ansible.builtin.yum", "ansible.legacy.yum", "dnf5", "ansible.builtin.dnf5"]

    private let packages: [String]
    private let state: String
    private let options: [String]
    private let updates: Bool

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        packages = try arguments.strings("name") ?? []
        let state = try arguments.string("state") ?? "present"
        self.state = ["installed": "present", "removed": "absent"][state] ?? state
        updates = try arguments.bool("update_cache")
        var options = ["-y", "-q"]
        for name in ["enablerepo", "disablerepo", "exclude"] {
            options += (try arguments.strings(name) ?? []).map { "--\(name)=\($0)" }
        }
        if try arguments.bool("disable_gpg_check") { options.append("--nogpgcheck") }
        if let weak = try arguments.optionalBool("install_weak_deps") {
            options.append("--setopt=install_weak_deps=\(weak ? "True" : "False")")
        }
        self.options = options
        if try arguments.bool("autoremove") { throw arguments.wrong("autoremove", "is not supported") }
    }

    /// One line for each package that is installed or provided.
    private func installed(_ package: String) -> Probe { .query("LC_ALL=C rpm -q --whatprovides \(package.quoted)") }

    private func updatable(_ package: String) -> Probe {
        .query("m=$(command -v dnf || command -v yum); \"$m\" -q check-update \(package.quoted) >/dev/null")
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        packages.map(installed) + (state == "latest" ? packages.map(updatable) : [])
    }

    private func status(_ probe: Probe, _ snapshot: Snapshot) -> Int? {
        guard case .output(let status, _)? = snapshot[probe] else { return nil }
        return status
    }

    func step(_ snapshot: Snapshot) -> Step {
        let wanted = packages.filter { package in
            let isInstalled = status(installed(package), snapshot) == 0
            switch state {
            case "absent": return isInstalled
            // check-update tells by status 100 that there is something newer.
            case "latest": return !isInstalled || status(updatable(package), snapshot) == 100
            default: return !isInstalled
            }
        }
        var lines = updates ? ["\"$m\" -q makecache"] : []
        if !wanted.isEmpty { lines.append(command(wanted, snapshot)) }
        guard !lines.isEmpty else { return .converged(TaskResult(message: "Nothing to do")) }
        var change = Change(
            script: strictScript(["m=$(command -v dnf || command -v yum)"] + lines),
            predicted: TaskResult(changed: !wanted.isEmpty), touches: .everything)
        let mark = state == "absent" ? (wanted.map { $0 + "\n" }.joined(), "") : ("", wanted.map { $0 + "\n" }.joined())
        change.diffs = wanted.isEmpty ? [] : [Diff("packages", before: mark.0, after: mark.1)]
        return .change(change)
    }

    private func command(_ wanted: [String], _ snapshot: Snapshot) -> String {
        let tail = shellWords(options + [state == "absent" ? "remove" : "install"] + wanted)
        guard state == "latest" else { return "\"$m\" \(tail)" }
        let old = wanted.filter { status(installed($0), snapshot) == 0 }
        let new = wanted.filter { !old.contains($0) }
        let lines =
            (new.isEmpty ? [] : [shellWords(options + ["install"] + new)])
            + (old.isEmpty ? [] : [shellWords(options + ["upgrade"] + old)])
        return lines.map { "\"$m\" \($0)" }.joined(separator: "\n")
    }
}
