public import Fleet

/// What a service asks of its members: how they are looked at, and what is made of the answers. Pure.
struct HostContract {
    let layout: ReleaseLayout

    private static let needed = [
        "tar", "gzip", "flock", "sha256sum", "perl", "systemctl", "systemd-run", "mktemp", "sync",
    ]

    // MARK: asking

    /// Prints the parts that ``findings(_:on:)`` reads. Changes nothing.
    var script: String {
        let units = layout.units.map(RemoteCommand.quote).joined(separator: " ")
        return """
            root=\(RemoteCommand.quote(layout.root))
            echo "== missing"
            for tool in \(Self.needed.joined(separator: " ")) zstd; do command -v "$tool" >/dev/null || echo "$tool"; done
            echo "== root"; if [ -d "$root" ]; then echo folder; elif [ -e "$root" ]; then echo file; fi
            echo "== writable"; at=$root; while [ ! -e "$at" ]; do at=$(dirname "$at"); done; [ -w "$at" ] && echo yes
            echo "== options"; findmnt -n -o OPTIONS --target "$at" 2>/dev/null
            echo "== space"; df -k --output=avail "$at" | tail -n 1; df --output=itotal,iavail "$at" | tail -n 1
            echo "== release"; timeout 3 du -sk "$root/current/" 2>/dev/null | cut -f 1
            for unit in \(units); do
              echo "== unit $unit"
              systemctl show --property=LoadState,UnitFileState,ExecStart,FragmentPath,WorkingDirectory,Type "$unit" 2>/dev/null
            done
            true
            """
    }

    // MARK: judging

    /// What the answers of `host` come to.
    func findings(_ answer: SectionedAnswer, on host: HostName) -> [ContractFinding] {
        [programs(answer, host), folder(answer, host), room(answer, host)] + layout.units.map { unit($0, answer, host) }
    }

    private func programs(_ answer: SectionedAnswer, _ host: HostName) -> ContractFinding {
        let missing = answer["missing"].filter { $0 != "zstd" }
        if !missing.isEmpty {
            return ContractFinding(
                host, .programs, .faulty, "missing: \(missing.joined(separator: ", "))",
                ["apt-get install tar gzip util-linux coreutils perl-base systemd"])
        }
        if answer["missing"].contains("zstd") {
            return ContractFinding(
                host, .programs, .fine, "all there but zstd, which builds packed with it would need")
        }
        return ContractFinding(host, .programs, .fine, "all there")
    }

    private func folder(_ answer: SectionedAnswer, _ host: HostName) -> ContractFinding {
        let options = (answer["options"].first ?? "").split(separator: ",")
        if answer["root"].first == "file" {
            return ContractFinding(
                host, .folder, .faulty, "\(layout.root) is no folder",
                ["move it away, or name another: root: /srv/NAME"])
        }
        if answer["writable"].isEmpty || options.contains("ro") {
            return ContractFinding(
                host, .folder, .faulty, "\(layout.root) cannot be written", ["remount its file system for writing"])
        }
        if options.contains("noexec") {
            return ContractFinding(
                host, .folder, .faulty, "nothing below \(layout.root) may be run: its file system is mounted noexec",
                ["mount -o remount,exec, and take noexec out of /etc/fstab; or name another root"])
        }
        let says = answer["root"].isEmpty ? "\(layout.root) is made by the first rollout" : layout.root
        return ContractFinding(host, .folder, .fine, says)
    }

    private func room(_ answer: SectionedAnswer, _ host: HostName) -> ContractFinding {
        let numbers = answer["space"].map { $0.split(separator: " ").compactMap { Int64($0) } }
        guard let free = numbers.first?.first else { return ContractFinding(host, .room, .fine, "nobody says") }
        let (megabytes, inodes) = (free / 1024, numbers.last ?? [])
        let remedies = ["see what fills it: df -h \(layout.root); du -xah -d 1 \(layout.root)/releases"]
        // File systems that make inodes as they need them have none to count.
        if inodes.count == 2, inodes[0] > 0, inodes[1] < 1000 {
            return ContractFinding(host, .room, .faulty, "\(inodes[1]) inodes are free for \(layout.root)", remedies)
        }
        let needed = Self.roomNeeded(beside: answer["release"].first.flatMap { Int64($0) })
        guard free < max(needed, min(Self.plenty, 8 * needed)) else {
            let says = megabytes < 2048 ? "\(megabytes) MiB free" : "\(megabytes / 1024) GiB free"
            return ContractFinding(host, .room, .fine, says)
        }
        return ContractFinding(
            host, .room, free < needed ? .faulty : .doubtful, "\(megabytes) MiB are free for \(layout.root)", remedies)
    }

    /// In KiB: room that nobody worries about where a rollout has enough.
    private static let plenty: Int64 = 512 << 10

    /// What a rollout takes in KiB: the archive and what is in it, for a build like the one that runs, where one does.
    private static func roomNeeded(beside release: Int64?) -> Int64 {
        guard let release else { return 64 << 10 }
        // What a host says is kept within bounds in which sums never overflow.
        return 2 * min(max(release, 0), 1 << 40) + 4096
    }

    private func unit(_ unit: String, _ answer: SectionedAnswer, _ host: HostName) -> ContractFinding {
        var fields: [String: String] = [:]
        for line in answer["unit \(unit)"] {
            guard let cut = line.firstIndex(of: "=") else { continue }
            fields[String(line[..<cut])] = String(line[line.index(after: cut)...])
        }
        if fields["LoadState"] != "loaded" {
            return ContractFinding(
                host, .units, .faulty, "\(unit) is \(fields["LoadState"] ?? "not known to systemd")",
                Self.draft(unit, layout))
        }
        let starts = fields["ExecStart"] ?? ""
        let isOurs = starts.contains(layout.root + "/current") || fields["WorkingDirectory"] == layout.root + "/current"
        let place = fields["FragmentPath"] ?? "/etc/systemd/system/\(unit)"
        if unit.hasSuffix(".service"), !isOurs {
            return ContractFinding(
                host, .units, .faulty,
                "\(unit) starts nothing below \(layout.root)/current: a release would change nothing",
                ["write in \(place): ExecStart=\(layout.root)/current/bin/PROGRAM", "then: systemctl daemon-reload"])
        }
        if fields["UnitFileState"] == "disabled" {
            return ContractFinding(
                host, .units, .doubtful, "\(unit) is disabled: it does not start with the host",
                ["systemctl enable \(unit)"])
        }
        return ContractFinding(host, .units, .fine, unit)
    }

    /// What to write where a unit is not there.
    private static func draft(_ unit: String, _ layout: ReleaseLayout) -> [String] {
        [
            "write in /etc/systemd/system/\(unit):", "[Unit]", "ConditionPathExists=\(layout.root)/current",
            "[Service]",
            "ExecStart=\(layout.root)/current/bin/PROGRAM", "EnvironmentFile=-\(layout.root)/current/.drover-env",
            "Restart=on-failure", "[Install]", "WantedBy=multi-user.target",
            "then: systemctl daemon-reload && systemctl enable \(unit)",
        ]
    }
}

extension StageConnections {
    /// Looks at what the stage asks of those of its members and balancers that are `reachable`. Changes nothing.
    /// - Throws: ``InputError`` for a pool that no balancer could have.
    public func examine(
        _ site: StageSite, _ reachable: Set<HostName>
    ) async throws(InputError) -> [ContractFinding] {
        let traffic = try await traffic(of: site, over: site.balancers.filter(reachable.contains))
        async let balancers = traffic.examine()
        let contract = HostContract(layout: site.layout)
        let members = await forEachBounded(site.pool.members.map(\.host).filter(reachable.contains)) { host in
            do throws(TransportError) {
                let command = RemoteCommand(
                    shell: contract.script, privilege: site.layout.privilege, deadline: .seconds(30))
                let result = try await transport(to: host, in: site).run(command, outputLimit: .mebibytes(1))
                guard result.succeeded else {
                    let said = result.errorText.lines.last ?? "status \(result.status)"
                    return [ContractFinding(host, .folder, .faulty, "nothing can be asked as root: \(said)")]
                }
                return contract.findings(SectionedAnswer(result.text), on: host)
            } catch {
                // Whoever looks at the way to hosts says that one is out of reach.
                return [ContractFinding]()
            }
        }
        return await balancers + members.flatMap(\.self)
    }
}
