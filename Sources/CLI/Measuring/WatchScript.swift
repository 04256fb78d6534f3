import Fleet
import Insight
import Sampling

/// Watches a host for a while in one command: its counters again and again, its services at both ends, and its threads and
/// connections all the time.
struct WatchScript: Sendable {
    /// For how long, in seconds.
    let seconds: Int
    /// How many seconds there are between two readings of its counters.
    let pace: Int

    /// - Parameter seconds: At least two readings are taken.
    init(seconds: Int, pace: Int = 5) {
        self.pace = max(1, min(pace, seconds))
        self.seconds = max(1, seconds)
    }

    private static let marker = "== drover watch "

    /// For a POSIX shell. What ends the shell ends what it has begun, and takes its folder away.
    var text: String {
        """
        drover_watch=$(mktemp -d) || exit 1
        trap 'kill $drover_look 2>/dev/null; rm -rf "$drover_watch"' EXIT
        trap 'exit 143' HUP INT TERM
        drover_counters() { echo "\(Self.marker)counters"
        (\(ReadingScript.text)
        )
        }
        drover_services() { echo "\(Self.marker)services"
        (\(ServiceScript.text())
        )
        echo "\(Self.marker)end"
        }
        drover_services
        ( exec \(HostLook.script(seconds: seconds)) ) >"$drover_watch/look" 2>"$drover_watch/why" &
        drover_look=$!
        drover_counters
        drover_left=\(seconds)
        while [ "$drover_left" -gt 0 ]; do
        drover_step=\(pace); [ "$drover_left" -lt "$drover_step" ] && drover_step=$drover_left
        sleep "$drover_step"
        drover_left=$((drover_left - drover_step))
        drover_counters
        done
        drover_services
        wait "$drover_look"
        echo "\(Self.marker)look"
        cat "$drover_watch/look"
        exit 0
        """
    }

    /// What a host was seen to do.
    struct Answer: Sendable {
        /// Oldest first.
        var samples: [Sample] = []
        /// What its services did meanwhile.
        var services: [ServiceObservation] = []
        /// Its threads and connections; `nil` where they could not be looked at.
        var look: HostLook?
    }

    /// Reads what the script printed, as far as it came.
    static func answer(_ text: String, on host: HostName) -> Answer {
        var answer = Answer()
        var last: Reading?
        var services: [[ServiceAnswer]] = []
        for part in sections(of: text) {
            switch part.name {
            case "counters":
                guard let reading = Reading(answer: part.text) else { continue }
                if let sample = last.flatMap({ Sample(from: $0, to: reading) }) { answer.samples.append(sample) }
                last = reading
            case "services": services.append(ServiceScript.answers(in: part.text))
            case "look": answer.look = HostLook(answer: part.text)
            default: break
            }
        }
        if services.count == 2 { answer.services = services[1].observations(since: services[0], on: host) }
        return answer
    }

    private static func sections(of text: String) -> [(name: String, text: String)] {
        var sections: [(name: String, text: String)] = []
        var lines: [Substring] = []
        func end() { if !sections.isEmpty { sections[sections.count - 1].text = lines.joined(separator: "\n") } }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix(marker) {
                end()
                sections.append((String(line.dropFirst(marker.count)), ""))
                lines = []
            } else {
                lines.append(line)
            }
        }
        end()
        return sections
    }
}
