import AdHoc
import Fleet

/// Says how far work on many hosts is, and whom it waits for.
struct FanOutProgress {
    private let fanOut: FanOut
    private let terminal: Terminal

    init(_ fanOut: FanOut, _ terminal: Terminal) { (self.fanOut, self.terminal) = (fanOut, terminal) }

    /// Does so until cancelled.
    func follow(clock: some Clock<Duration> = ContinuousClock()) async {
        repeat {
            terminal.show(progress: Self.words(fanOut.standing, of: fanOut.hosts.count))
            // Cancelled when the work is done.
        } while (try? await clock.sleep(for: .seconds(1))) != nil
    }

    /// `3 of 9 hosts ended, waiting for ap[4-7]`
    static func words(_ standing: FanOutStanding, of count: Int) -> String {
        let ended = count - standing.inHand.count - standing.left.count
        let open = standing.inHand + standing.left
        return "\(ended) of \(count.of("host")) ended" + (open.isEmpty ? "" : ", waiting for \(HostNames.few(open))")
    }
}

/// Hosts on a line that has no room for many.
enum HostNames {
    /// Their names while they are few, else the first and how many more there are.
    static func few(_ hosts: some Collection<HostName>, longest: Int = 48) -> String {
        // Folding thousands every second would take more than it tells.
        if hosts.count <= 64 {
            let folded = NodeSet.text(Array(hosts))
            if folded.count <= longest { return folded }
        }
        let first = hosts.prefix(2).map(\.description)
        return first.joined(separator: ", ") + " and \(hosts.count - first.count) more"
    }
}
