import Fleet
import Synchronization

/// Times of requests that Drover sends itself, on each host to its own service.
struct OwnRequests: Hashable, Sendable {
    /// Milliseconds, in the order in which they were sent; those without an answer took the time that was waited for it.
    var times: [HostName: [Double]] = [:]
    var unanswered: [HostName: Int] = [:]

    /// Requests of one look: some, one after the other.
    static let each = 5

    /// Prints the microseconds of each request, or `-` for one without an answer of HTTP within 3 s.
    static func script(_ member: PoolMember, _ path: String, count: Int) -> String {
        let words = [member.address, "\(member.port)", path, "\(count)"].map(RemoteCommand.quote)
        return "perl -MIO::Socket::IP -MTime::HiRes=time,alarm -e \(RemoteCommand.quote(asking)) "
            + words.joined(separator: " ")
    }

    private static let asking = #"""
        my ($host, $port, $path, $count) = @ARGV;
        for (1 .. $count) {
          my ($begin, $answer) = (time, "");
          eval {
            local $SIG{ALRM} = sub { die "late\n" };
            alarm 3;
            my $s = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Type => SOCK_STREAM) or die "none\n";
            print $s "GET $path HTTP/1.0\r\nHost: $host:$port\r\nUser-Agent: drover\r\nConnection: close\r\n\r\n";
            while (sysread $s, my $part, 65536) { $answer .= $part if length $answer < 16 }
            1;
          };
          alarm 0;
          printf "%s\n", $answer =~ m{^HTTP/} ? int((time - $begin) * 1e6) : "-";
        }
        """#

    /// Takes in what ``script(_:_:count:)`` printed on a host.
    mutating func take(_ text: String, of host: HostName) {
        for line in text.split(whereSeparator: \.isNewline) {
            if let microseconds = Double(line), microseconds.isFinite {
                times[host, default: []].append(microseconds / 1000)
            } else {
                times[host, default: []].append(3000)
                unanswered[host, default: 0] += 1
            }
        }
    }

    /// What was measured on these hosts, together.
    func sample(of hosts: [HostName]) -> TrafficTally.Sample {
        let all = hosts.flatMap { times[$0] ?? [] }
        return TrafficTally.Sample(
            requests: all.count, failed: hosts.reduce(0) { $0 + (unanswered[$1] ?? 0) }, blocks: all)
    }
}

extension RequestGate {
    /// The limit that times are surely, or in the end, above.
    ///
    /// - Parameter isWhole: Whether all requests were made.
    func excess(_ times: [Double], isWhole: Bool) -> String? {
        for (share, limit) in percentiles.sorted(by: { $0.key < $1.key }) {
            let slow = times.count { $0 > limit / .milliseconds(1) }
            let name = "p\(Int((share * 100).rounded()))"
            // The share of slower ones that may be is exceeded even if all that are to come are fast.
            let isSure = Double(slow) > Double(requests) * (1 - share)
            guard isSure && times.count < requests || isWhole && Double(slow) > Double(times.count) * (1 - share)
            else { continue }
            let found = times.percentile(share).map { "\(($0 * 10).rounded() / 10) ms" } ?? "unknown"
            return "\(name) is \(found) of \(times.count.of("request")), at most \(limit.written) may be"
        }
        return nil
    }
}

extension [Double] {
    /// The least value that `share` of them are not above; `nil` of none.
    func percentile(_ share: Double) -> Double? {
        guard !isEmpty else { return nil }
        return sorted()[Swift.min(count - 1, Swift.max(0, Int((Double(count) * share).rounded(.up)) - 1))]
    }
}

extension StageGates {
    func ownRequests(_ settings: RequestGate) -> Gate {
        let name = "latency of GET \(settings.path)"
        return Gate(name: name, onNoData: settings.limits.onNoData, wait: settings.limits.wait) { watch in
            let asked = Mutex(OwnRequests())
            let comparison = Mutex(LatencyComparison(settings.limits, batch: watch.batch))
            return { moment in
                let hosts = watch.hosts + (watch.hasForerunner ? watch.rest : [])
                await request(settings, hosts, asked)
                let requests = asked.withLock { $0 }
                return judge(settings, requests, comparison, watch, moment, name)
            }
        }
    }

    /// Sends some requests to each host that has not had its number. A host that does not answer at all is told by others.
    func request(
        _ settings: RequestGate, _ hosts: [HostName], _ asked: borrowing Mutex<OwnRequests>
    ) async {
        let lacking = asked.withLock { asked in
            hosts.map { host in (host, min(OwnRequests.each, settings.requests - (asked.times[host]?.count ?? 0))) }
        }
        let members = lacking.compactMap { host, count in
            site.pool.members.first { $0.host == host && count > 0 }.map { ($0, count) }
        }
        let texts = await forEachBounded(members) { member, count in
            // One that cannot be asked has no times at this look.
            try? await releases.ask(OwnRequests.script(member, settings.path, count: count), on: member.host)
        }
        asked.withLock { asked in
            for (member, text) in zip(members.map(\.0), texts) { asked.take(text ?? "", of: member.host) }
        }
    }

    private func judge(
        _ settings: RequestGate, _ requests: OwnRequests, _ comparison: borrowing Mutex<LatencyComparison>,
        _ watch: GateWatch, _ moment: GateMoment, _ name: String
    ) -> GateAnswer {
        let batch = requests.sample(of: watch.hosts)
        let isWhole = watch.hosts.allSatisfy { requests.times[$0]?.count ?? 0 >= settings.requests }
        for host in watch.hosts {
            if let excess = settings.excess(requests.times[host] ?? [], isWhole: isWhole) {
                return GateAnswer(.fail, "\(host): \(excess)", figures: .init(batch: batch.figures))
            }
        }
        var answer = GateAnswer(.pass, "")
        if watch.hasForerunner {
            let recorded = watch.rest.isEmpty
            let rest =
                recorded
                ? watch.recordedRest(of: name).map {
                    TrafficTally.Sample(requests: $0.requests, blocks: $0.times ?? [])
                }
                : requests.sample(of: watch.rest)
            answer = comparison.withLock {
                $0.judge(batch, against: rest, isRecorded: recorded, elapsed: moment.elapsed, isDue: moment.isDue)
            }
        } else {
            answer.reason = "the batch answers in \(batch.figures.usual)"
            answer.figures = GateFigures(batch: batch.figures)
        }
        // Until every host had its requests nothing is settled.
        if !isWhole, answer.verdict == .pass { (answer.verdict, answer.isOpen) = (.insufficient, true) }
        return answer
    }
}

extension TrafficTally.Sample {
    fileprivate var figures: GateFigures.Sample { .init(requests: requests, failed: failed, times: blocks) }
}
