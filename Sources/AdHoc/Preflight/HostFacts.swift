import Fleet
import Foundation

/// What the preflight asks a host's shell, and what it makes of the answers.
enum HostFacts {
    /// Programs that Drover calls on hosts.
    private static let tools =
        "cat chmod chown dd df head ln mkdir mktemp mv readlink rm sha256sum sort stat sync tail tee xargs"

    static let question = """
        echo '== tools'; for t in \(tools); do command -v "$t" >/dev/null || echo "$t"; done
        echo '== disk'; df -P / /tmp 2>/dev/null
        echo '== sshd'; (sshd -T || /usr/sbin/sshd -T) 2>/dev/null
        """

    /// The answer's lines under each heading.
    static func sections(_ answer: String) -> [String: [String]] {
        var sections: [String: [String]] = [:]
        var heading = ""
        for line in answer.split(separator: "\n") {
            if line.hasPrefix("== ") {
                heading = String(line.dropFirst(3))
            } else {
                sections[heading, default: []].append(String(line))
            }
        }
        return sections
    }

    static func addTools(_ missing: [String], to checkup: inout HostCheckup) {
        guard !missing.isEmpty else { return checkup.add(.tools, .fine, "all there; Python is not needed") }
        checkup.add(
            .tools, .faulty, "missing: \(missing.joined(separator: ", "))", "install coreutils and findutils")
    }

    /// - Parameter lines: What `df -P` says.
    static func addDisk(_ lines: [String], to checkup: inout HostCheckup) {
        var shares: [(mount: String, percent: Int)] = []
        for line in lines.dropFirst() {
            let fields = line.split(separator: " ", maxSplits: 5)
            guard fields.count == 6, let percent = Int(fields[4].dropLast()) else { continue }
            let mount = String(fields[5])
            if !shares.contains(where: { $0.mount == mount }) { shares.append((mount, percent)) }
        }
        guard !shares.isEmpty else { return checkup.add(.disk, .unasked, "df says nothing") }
        let text = shares.map { "\($0.mount) \($0.percent) %" }.joined(separator: ", ")
        let full = shares.filter { $0.percent > 90 }
        if full.contains(where: { $0.percent >= 100 }) {
            checkup.add(.disk, .faulty, text + " used", "make room: uploads and packages have nowhere to go")
        } else if !full.isEmpty {
            checkup.add(.disk, .doubtful, text + " used", "make room before uploads and packages find none")
        } else {
            checkup.add(.disk, .fine, text + " used")
        }
    }

    /// - Parameters:
    ///   - text: Seconds since 1970 as the host says them.
    ///   - before: The same here, when it was asked, and `after` when it had answered.
    static func addClock(_ text: String, before: Double, after: Double, to checkup: inout HostCheckup) {
        guard let there = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            return checkup.add(.clock, .unasked, "date says nothing that can be read")
        }
        let skew = there - (before + after) / 2
        // The host looked at its clock at some moment in between.
        let certain = max(0, abs(skew) - (after - before) / 2)
        let says = abs(skew) < 0.05 ? "0.0 s" : String(format: "%+.1f s", skew)
        if certain > 2 {
            checkup.add(
                .clock, .doubtful, says + " against this machine",
                "let the host's clock follow a time server (systemd-timesyncd, chrony), and this machine's")
        } else {
            checkup.add(.clock, .fine, says)
        }
    }

    /// - Parameter lines: What `sshd -T` says.
    static func addLimits(_ lines: [String], to checkup: inout HostCheckup) {
        var values: [String: String] = [:]
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2 { values[words[0].lowercased()] = String(words[1]) }
        }
        guard let sessions = values["maxsessions"], let startups = values["maxstartups"] else {
            return checkup.add(.sshd, .unasked, "sshd -T can be read by root only (-b)")
        }
        let says = "MaxSessions \(sessions), MaxStartups \(startups)"
        if let number = Int(sessions), number < 3 {
            checkup.add(
                .sshd, .doubtful, says,
                "raise MaxSessions to 3 or more: Drover uses one for each user it becomes, and one for uploads")
        } else {
            checkup.add(.sshd, .fine, says)
        }
    }
}
