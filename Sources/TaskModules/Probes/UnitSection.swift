/// systemd's state of many units.
struct UnitSection: TextSection {
    let units: [String]
    let name = "systemctl"

    /// What is asked: the properties that decide, and those that playbooks read from a result's `status`.
    static let properties = [
        "Id", "Names", "LoadState", "ActiveState", "SubState", "UnitFileState", "UnitFilePreset", "Description",
        "FragmentPath", "DropInPaths", "MainPID", "ExecMainStatus", "ExecMainStartTimestamp", "ExecMainPID", "Result",
        "Type", "NRestarts", "ActiveEnterTimestamp", "NeedDaemonReload", "CanReload", "CanStart", "CanStop", "User",
        "Restart", "SourcePath", "StatusText", "MemoryCurrent", "TasksCurrent", "Environment", "WorkingDirectory",
    ]

    var textLines: [String] {
        ["LC_ALL=C systemctl show -p \(Self.properties.joined(separator: ",")) -- \(shellWords(units))"]
    }

    func read(_ text: String, into answers: inout ProbeAnswers) {
        let blocks = text.split(separator: "\n\n").map(Self.properties(of:)).filter { !$0.isEmpty }
        for (index, unit) in units.enumerated() {
            // A name that systemd refuses has no block at all, so positions count only when all have one.
            let block =
                blocks.count == units.count ? blocks[index] : blocks.first { Self.names($0).contains(Self.full(unit)) }
            answers[.unit(unit)] = block.map { .unit(UnitState($0)) } ?? .absent
        }
    }

    /// A unit's name as systemd completes it.
    static func full(_ name: String) -> String {
        let suffixes = [
            "service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice", "scope",
        ]
        let suffix = name.split(separator: ".").last.map(String.init) ?? ""
        return name.contains(".") && suffixes.contains(suffix) ? name : name + ".service"
    }

    private static func properties(of block: Substring) -> [String: String] {
        var properties: [String: String] = [:]
        for line in block.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            properties[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        return properties
    }

    private static func names(_ block: [String: String]) -> [String] {
        [block["Id"] ?? ""] + (block["Names"] ?? "").split(separator: " ").map(String.init)
    }
}
