public import Fleet
import Foundation

/// Asks all services of a host at once, those that run there.
public enum ServiceScript {
    /// A script for a POSIX shell. Before each answer stands a line with the service's name and the host's time since it booted.
    ///
    /// Services that let only root or their own group ask (HAProxy's socket, MariaDB's, `varnishstat`, `rabbitmqctl`) answer
    /// others with an error, which ``answers(in:)`` hands on.
    ///
    /// - Parameter kinds: What is asked for. `rabbitmqctl` takes a second and a half of a processor where the management
    ///   plugin does not answer: leave RabbitMQ out where that is too much.
    public static func text(_ kinds: [ServiceKind] = ServiceKind.allCases) -> String {
        let asked = kinds.map { kind in
            let names = kind.programs.joined(separator: "|")
            return """
                if running '\(names)'; then
                read drover_up drover_rest </proc/uptime
                echo "\(marker)\(kind.rawValue) $drover_up"
                { \(kind.script)
                } 2>&1 | head -c 4000000
                echo
                elif { \(kind.commands.map { "command -v \($0)" }.joined(separator: " || ")); } >/dev/null 2>&1; then
                echo "\(marker)\(kind.rawValue) stopped"
                fi
                """
        }
        return ([finding] + asked).joined(separator: "\n")
    }

    /// What each service answered. A service that did not answer as it should has an error instead of a reading.
    public static func answers(in text: String) -> [ServiceAnswer] {
        var answers: [ServiceAnswer] = []
        let lines = "\n" + text.replacingOccurrences(of: "\r\n", with: "\n")
        for part in lines.components(separatedBy: "\n" + marker).dropFirst() {
            let head = part.prefix { $0 != "\n" }.split(separator: " ")
            guard head.count == 2, let kind = ServiceKind(rawValue: String(head[0])) else { continue }
            if head[1] == "stopped" { answers.append(ServiceAnswer(stopped: kind)) }
            guard let uptime = Double(head[1]) else { continue }
            let body = String(part.drop { $0 != "\n" }.dropFirst())
            answers.append(ServiceAnswer(kind: kind, uptime: uptime, body))
        }
        return answers
    }

    private static let marker = "== drover service "

    /// Looks through the names of all processes once.
    private static let finding = #"""
        export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
        drover_names=$(cat /proc/[0-9]*/comm 2>/dev/null)
        running() { printf '%s\n' "$drover_names" | grep -qxE "$1"; }
        """#
}

/// What one service of a host answered.
public struct ServiceAnswer: Sendable {
    /// Which service.
    public var kind: ServiceKind
    /// When, in seconds since the host booted.
    public var uptime: Double
    /// What it said; `nil` where that could not be read.
    public var reading: ServiceReading?
    /// Why not: the last line of what it said instead.
    public var error: String?
    /// Whether its program is there, and does not run.
    public var isStopped = false

    init(stopped kind: ServiceKind) {
        self.kind = kind
        uptime = 0
        isStopped = true
    }

    init(kind: ServiceKind, uptime: Double, _ body: String) {
        self.kind = kind
        self.uptime = uptime
        reading = ServiceReading(kind, answer: body)
        guard reading == nil else { return }
        let last = body.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
        error = last.map { String($0.prefix(300)) } ?? "no answer"
    }
}

extension [ServiceAnswer] {
    /// What the host's services did since they were asked before; one that could not be asked twice says why.
    ///
    /// - Parameter expected: Services that are to run on the host wherever they are installed. Others that do not run are
    ///   nobody's.
    public func observations(
        since earlier: [ServiceAnswer], on host: HostName, expecting expected: [ServiceKind] = []
    ) -> [ServiceObservation] {
        compactMap { now in
            if now.isStopped {
                let isMissed = expected.contains(now.kind) || earlier.contains { $0.kind == now.kind && !$0.isStopped }
                return isMissed ? ServiceObservation(host: host, error: "does not run", isStopped: true) : nil
            }
            guard let reading = now.reading else { return ServiceObservation(host: host, error: now.error) }
            let then = earlier.first { $0.kind == now.kind }
            let figures = then.flatMap { then in
                then.reading.flatMap { reading.figures(since: $0, seconds: now.uptime - then.uptime) }
            }
            return ServiceObservation(
                host: host, figures: figures, error: figures == nil ? "was not there before, or began anew" : nil)
        }
    }
}
