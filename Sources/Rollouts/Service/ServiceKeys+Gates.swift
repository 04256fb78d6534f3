import Fleet

/// What gates may have.
extension ServiceKeys {
    /// How long a gate that asks for a page may take.
    static let pageTime: ClosedRange<Duration> = .milliseconds(100) ... .seconds(600)
    /// How long a gate that is a command may take.
    static let commandTime: ClosedRange<Duration> = .seconds(1) ... .seconds(86400)
    static let usualPageTime = Duration.seconds(5)
    static let usualCommandTime = Duration.seconds(60)

    /// The keys that say what a gate is, of which it has one.
    static let gateKinds = ["http", "command", "errors", "latency", "slo", "resources", "units", "log"]

    static let gate = ServiceKeys(
        "gate",
        [
            .optional(
                "http", .mapping(page), "asks for a page; a gate has this or one of the keys below but `timeout`"),
            .optional(
                "command", .text,
                "runs a command here, in the folder of drover.yml: 0 passes, 75 had too little to judge by, others fail"
            ),
            .optional(
                "errors", .falseOr(errors),
                "compares failed requests of the batch with the rest's, as balancers count them; `false` does not"),
            .optional(
                "latency", .falseOr(latency),
                "compares times of answers with the rest's, as balancers keep them or by own requests; `false` does not"
            ),
            .optional(
                "slo", .flagOr(objectiveGate), "holds the batch to the stage's `slo`; `false` is as no gate"),
            .optional("resources", .mapping(resources), "limits what is used of each host of the batch"),
            .optional("units", .mapping(units), "has units of the batch's hosts run all the time"),
            .optional(
                "log", .mapping(log), "reads units' journals on the batch's hosts since their units were started"),
            .optional(
                "timeout", .time(pageTime.lowerBound...commandTime.upperBound),
                "\(usualPageTime.written) for http, \(usualCommandTime.written) for a command",
                "how long it may take: \(pageTime.lowerBound.written) to \(pageTime.upperBound.written) for http, "
                    + "\(commandTime.lowerBound.written) to \(commandTime.upperBound.written) for a command; not with `to: batch`"
            ),
        ])

    static let page = ServiceKeys(
        "http",
        [
            .optional("path", .urlPath, "/", "what is asked for"),
            .optional("expect", .statuses, "200", "the statuses that pass"),
            .optional("port", .number(1...65535), "80; to a batch the pool's", "where"),
            .optional(
                "to", .word(PageGate.Destination.allCases.map(\.rawValue)), "balancers",
                "through every balancer, or on each host that just got the build"),
            .optional("method", .word(["GET", "HEAD"]), "GET", "how"),
            .optional("host", .text, "the address", "the name that is asked for (`Host`)"),
            .optional("headers", .headers, "header fields that are sent"),
            .optional("body", .text, "what the body has to have: text, or `/…/`, a regular expression of `grep -E`"),
            .optional("header", .headers, "what header fields of the answer have to have, each as `body`"),
            .optional("follow", .flag, "false", "whether redirects within the same host are followed"),
        ])

    static let onNoData = Key.optional(
        "on_no_data", .word(NoDataPolicy.allCases.map(\.rawValue)), "fail",
        "what too few requests come to: `fail` goes back, after waiting for more")
    static let wait = Key.optional(
        "wait", .time(.zero ... .seconds(3600)), ErrorLimits().wait.written,
        "for how long after the bake it looks on: for more requests where they are on their way, and at what is suspicious"
    )

    static let errors = ServiceKeys(
        "errors",
        [
            .optional("tolerance", .share, "1%", "how many more requests of the batch than of the rest may fail"),
            .optional("limit", .share, "how many may fail at most, whatever the rest does"),
            .optional(
                "minimum", .number(1...1_000_000), "\(ErrorLimits().minimum)",
                "requests that batch and rest must have had for it to pass"),
            onNoData, wait,
        ])

    private static let percentileTime = Kind.time(.milliseconds(1) ... .seconds(600))

    static let latency = ServiceKeys(
        "latency",
        [
            .optional(
                "tolerance", .time(.zero ... .seconds(600)), LatencyLimits().tolerance.written,
                "by how much the batch may be slower than the rest, or by a quarter where that is more"),
            onNoData, wait,
            .optional(
                "path", .urlPath, "what own requests ask for, on each host of batch and rest; without it there are none"
            ),
            .optional("requests", .number(10...10_000), "50", "own requests to each host"),
            .optional("p50", percentileTime, "the greatest time of half of the own requests to the batch"),
            .optional("p90", percentileTime, "of 90 % of them"), .optional("p95", percentileTime, "of 95 %"),
            .optional("p99", percentileTime, "of 99 %"),
        ])

    /// The percentiles that may be limited.
    static let percentiles = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)]

    static let resources = ServiceKeys(
        "resources",
        [
            .optional("cpu", .share, "busy processors, at two looks running"),
            .optional("memory", .share, "memory that is not available"),
            .optional("disk", .share, "what is used of the file system that `root` is on"),
            .optional(
                "load", .decimal(0.1...1000), "runnable and waiting processes for each processor, over a minute"),
        ])

    static let units = ServiceKeys(
        "units",
        [
            .optional("names", .texts, "the service's own", "which"),
            .optional("restarts", .number(0...1000), "0", "how often each may be started anew while it is watched"),
        ])

    static let log = ServiceKeys(
        "log",
        [
            .required("pattern", .text, "a regular expression of `grep -E`"),
            .optional("at_most", .number(0...1_000_000), "0", "how many lines of a host may match"),
            .optional("units", .texts, "the service's own", "which"),
        ])
}
