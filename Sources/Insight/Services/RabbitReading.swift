import Values

/// What a RabbitMQ answered: its management plugin, or `rabbitmqctl` where that does not.
///
/// Both lag up to 5 seconds behind: growth over less than 10 seconds says little.
public struct RabbitReading: Sendable, Hashable {
    private struct Queue: Sendable, Hashable {
        var now: RabbitQueue
        var counters = CounterReading()
    }

    private var queues: [String: Queue] = [:]
    private var node = RabbitFigures()

    /// Reads the list of queues, and the node's line where there is one; `nil` where no list is in it.
    public init?(_ answer: String) {
        var lists = 0
        for line in answer.split(whereSeparator: \.isNewline) where line.hasPrefix("[") {
            // A line of something else, such as a warning in brackets, is passed over.
            guard let value = try? Value(json: line), case .list(let items) = value else { continue }
            if items.contains(where: { $0["mem_used"] != nil }) {
                items.forEach { note(node: $0) }
            } else if items.allSatisfy({ $0["name"]?.text != nil }) {
                lists += 1
                items.forEach { note(queue: $0) }
            }
        }
        guard lists > 0 else { return nil }
    }

    /// One line of JSON for the queues, one for the nodes. What `rabbitmqctl` prints over several lines is put on one.
    static let script = #"""
        perl -MIO::Socket::INET -MMIME::Base64 -e '
          $SIG{PIPE} = "IGNORE"; alarm 10;
          my $who = encode_base64("guest:guest", "");
          for my $path ("queues?columns=vhost,name,messages_ready,messages_unacknowledged,consumers,message_stats",
                        "nodes?columns=name,mem_used,mem_limit,mem_alarm,disk_free,disk_free_limit,disk_free_alarm") {
            my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => 15672, Timeout => 2) or exit 1;
            print $s "GET /api/$path HTTP/1.0\r\nHost: localhost\r\nAuthorization: Basic $who\r\n\r\n"; $s->flush;
            local $/; my ($head, $body) = split /\r\n\r\n/, <$s> // "", 2;
            $head =~ m{^HTTP/1.\d 200} or exit 1;
            $body =~ s/\n/ /g; print "$body\n";
          }' 2>/dev/null || {
          timeout 30 rabbitmqctl -q list_queues name messages_ready messages_unacknowledged consumers \
            --formatter json | tr '\n' ' '
        }
        """#

    /// What it did since.
    func figures(since earlier: Self, seconds: Double) -> RabbitFigures {
        var figures = node
        figures.queues = queues.sorted { $0.key < $1.key }.map { name, queue in
            var now = queue.now
            guard let then = earlier.queues[name] else { return now }
            func rate(_ name: String) -> Double? { queue.counters.rate(name, since: then.counters, seconds) }
            now.growth = (now.ready + now.unacknowledged - then.now.ready - then.now.unacknowledged) / seconds
            now.published = rate("publish")
            now.acknowledged = rate("ack")
            now.redelivered = rate("redeliver")
            return now
        }
        return figures
    }

    private mutating func note(queue value: Value) {
        let host = value["vhost"]?.text ?? "/"
        let name = (host == "/" ? "" : host + "/") + (value["name"]?.text ?? "")
        var queue = Queue(
            now: RabbitQueue(
                name: name, ready: value["messages_ready"]?.asDouble ?? 0,
                unacknowledged: value["messages_unacknowledged"]?.asDouble ?? 0,
                consumers: value["consumers"]?.asDouble ?? 0))
        for counter in ["publish", "ack", "redeliver"] {
            // A queue that nobody has used yet has none; it counts from 0.
            let isCounted = value["message_stats"] != nil
            queue.counters.note(counter, value["message_stats"]?[counter]?.asDouble ?? (isCounted ? 0 : nil))
        }
        queues[name] = queue
    }

    private mutating func note(node value: Value) {
        if case .bool(true)? = value["mem_alarm"] { node.alarms.append("memory") }
        if case .bool(true)? = value["disk_free_alarm"] { node.alarms.append("disk") }
        node.memory = value["mem_used"]?.asDouble ?? node.memory
        node.memoryLimit = value["mem_limit"]?.asDouble ?? node.memoryLimit
        node.diskFree = value["disk_free"]?.asDouble ?? node.diskFree
        node.diskFreeLimit = value["disk_free_limit"]?.asDouble ?? node.diskFreeLimit
    }
}
