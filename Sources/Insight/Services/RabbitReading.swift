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
    /// What the node counts for all queues together.
    private var totals = CounterReading()

    /// Reads the list of queues, and the node's line where there is one; `nil` where no list is in it.
    public init?(_ answer: String) {
        var lists = 0
        for line in answer.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("rabbitmq_") {
                lists = 1
                note(metric: line)
            }
            guard line.hasPrefix("[") else { continue }
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

    /// One line of JSON for the queues, one for the nodes, where `guest` may; else the lines of the Prometheus plugin, which asks
    /// for no account. What `rabbitmqctl` prints over several lines is put on one.
    static let script = #"""
        perl -MIO::Socket::INET -MMIME::Base64 -e '
          $SIG{PIPE} = "IGNORE"; alarm 10;
          sub page {
            my ($port, $path, $more) = @_;
            my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port, Timeout => 2) or return;
            print $s "GET $path HTTP/1.0\r\nHost: localhost\r\n$more\r\n"; $s->flush;
            local $/; my ($head, $body) = split /\r\n\r\n/, <$s> // "", 2;
            ($head // "") =~ m{^HTTP/1.\d 200} ? $body // "" : undef
          }
          my $guest = "Authorization: Basic " . encode_base64("guest:guest", "") . "\r\n";
          my @pages = map { page(15672, "/api/$_", $guest) }
            "queues?columns=vhost,name,messages_ready,messages_unacknowledged,consumers,message_stats",
            "nodes?columns=name,mem_used,mem_limit,mem_alarm,disk_free,disk_free_limit,disk_free_alarm";
          if (@pages == 2 && defined $pages[0] && defined $pages[1]) { s/\n/ /g, print "$_\n" for @pages; exit 0 }
          @pages = map { page(15692, $_, "") }
            "/metrics/detailed?family=queue_coarse_metrics&family=queue_consumer_count", "/metrics";
          @pages == 2 && defined $pages[0] && defined $pages[1] or exit 1;
          print grep { /^rabbitmq_(detailed_queue_(messages_|consumers)|global_messages|alarms|process_res|resident|disk_space)/ }
            map { "$_\n" } map { split /\n/ } @pages;
          ' 2>/dev/null || for drover_vhost in $(timeout 30 rabbitmqctl -s list_vhosts); do
          timeout 30 rabbitmqctl -q list_queues -p "$drover_vhost" name messages_ready messages_unacknowledged consumers \
            --formatter json | tr '\n' ' '; echo
        done
        """#

    /// What it did since.
    func figures(since earlier: Self, seconds: Double) -> RabbitFigures {
        var figures = node
        figures.published = totals.rate("received", since: earlier.totals, seconds)
        figures.acknowledged = totals.rate("done", since: earlier.totals, seconds)
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

    /// A line of the Prometheus plugin. Of a cluster, each node has the queues that it leads.
    private mutating func note(metric line: Substring) {
        guard let blank = line.lastIndex(of: " "), let number = Double(line[line.index(after: blank)...]),
            number.isFinite
        else { return }
        let name = line.prefix { $0 != "{" && $0 != " " }.dropFirst("rabbitmq_".count)
        switch name {
        case "global_messages_received_total": totals.note("received", (totals["received"] ?? 0) + number)
        // Jobs of consumers that do not confirm are done when they are handed out.
        case "global_messages_acknowledged_total", "global_messages_delivered_consume_auto_ack_total":
            totals.note("done", (totals["done"] ?? 0) + number)
        case "alarms_memory_used_watermark": if number > 0 { node.alarms.append("memory") }
        case "alarms_free_disk_space_watermark": if number > 0 { node.alarms.append("disk") }
        case "process_resident_memory_bytes": node.memory = number
        case "resident_memory_limit_bytes": node.memoryLimit = number
        case "disk_space_available_bytes": node.diskFree = number
        case "disk_space_available_limit_bytes": node.diskFreeLimit = number
        default: note(queueMetric: String(name), line, number)
        }
    }

    private mutating func note(queueMetric name: String, _ line: Substring, _ number: Double) {
        func label(_ name: String) -> String? {
            guard let start = line.firstRange(of: "\(name)=\"")?.upperBound else { return nil }
            return String(line[start...].prefix { $0 != "\"" })
        }
        guard name.hasPrefix("detailed_queue_"), let host = label("vhost"), let own = label("queue") else { return }
        let key = (host == "/" ? "" : host + "/") + own
        var queue = queues[key] ?? Queue(now: RabbitQueue(name: key, ready: 0, consumers: 0))
        switch name {
        case "detailed_queue_messages_ready": queue.now.ready = number
        case "detailed_queue_messages_unacked": queue.now.unacknowledged = number
        case "detailed_queue_consumers": queue.now.consumers = number
        default: return
        }
        queues[key] = queue
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
