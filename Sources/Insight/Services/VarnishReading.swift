import Values

/// What a Varnish answered: `varnishstat -1 -j`.
public struct VarnishReading: Sendable, Hashable {
    private var counters = CounterReading()

    /// Reads the counters; `nil` where they are none. Varnish 7 has them under `counters`, older ones beside the time.
    public init?(_ answer: String) {
        guard let start = answer.firstIndex(of: "{"), let end = answer.lastIndex(of: "}"), start < end,
            // What is no JSON is no answer of Varnish.
            let whole = try? Value(json: answer[start...end]),
            let fields = (whole["counters"] ?? whole).fields
        else { return nil }
        for (name, field) in fields {
            if let name = name.text { counters.note(name, field["value"]?.asDouble) }
        }
        guard counters["MAIN.client_req"] != nil else { return nil }
    }

    /// Root and Varnish's own group may ask.
    static let script = "varnishstat -1 -j"

    /// What it did since.
    func figures(since earlier: Self, seconds: Double) -> VarnishFigures {
        func rate(_ name: String) -> Double { counters.rate("MAIN." + name, since: earlier.counters, seconds) ?? 0 }
        let asked = rate("cache_hit") + rate("cache_miss") + rate("s_pass")
        let stores = counters.numbers.filter { !$0.key.hasPrefix("SMA.Transient") }
        func space(_ name: String) -> Double? {
            let sizes = stores.filter { $0.key.hasSuffix(name) }.values
            return sizes.isEmpty ? nil : sizes.reduce(0, +)
        }
        return VarnishFigures(
            requests: rate("client_req"), hitShare: asked > 0 ? rate("cache_hit") / asked : nil,
            nuked: rate("n_lru_nuked"), bytes: space(".g_bytes"), bytesFree: space(".g_space"),
            backendFailures: rate("backend_fail"), backendBusy: rate("backend_busy"),
            backendUnhealthy: rate("backend_unhealthy"), queued: rate("sess_queued"), dropped: rate("sess_dropped"),
            threadsLimited: rate("threads_limited"))
    }
}

extension Value {
    /// A number, whole or not.
    var asDouble: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number.isFinite ? number : nil
        case .string(let digits): Double(digits).flatMap { $0.isFinite ? $0 : nil }
        default: nil
        }
    }

    /// The items of a list; none of anything else.
    var asItems: [Value] { if case .list(let items) = self { items } else { [] } }
}
