import Fleet

/// What pages are to be like.
extension ServiceKeys {
    private static let answerTime = Kind.time(.milliseconds(1) ... .seconds(600))

    static let objective = ServiceKeys(
        "slo",
        [
            .optional(
                "path", .urlPath, "/", "the page; one that ends in `*` is all pages whose paths begin so"),
            .optional("p50", answerTime, "the time within which half of its answers come"),
            .optional("p90", answerTime, "90 % of them"), .optional("p95", answerTime, "95 %"),
            .optional("p99", answerTime, "99 %"),
            .optional("errors", .share, "how many of its requests may fail at most"),
        ])

    static let objectiveGate = ServiceKeys(
        "slo",
        [
            .optional(
                "requests", .number(10...10_000), "\(ObjectiveGate().requests)",
                "own requests to each host, for each page with a time"),
            .optional(
                "minimum", .number(1...1_000_000), "\(ObjectiveGate().minimum)",
                "requests that balancers must have sent the batch for it to pass, where failures are limited"),
            onNoData, wait,
        ])
}
