import Fleet
import Values

/// What pages are to be like, as `slo:` says it.
extension ServiceFileReader {
    func objectives(_ fields: ServiceFileFields) throws(InputError) -> [ServiceObjective] {
        guard let node = fields["slo"] else { return [] }
        guard let items = node.items else {
            throw InputError(
                "slo must be a list, but is \(node.summary)", at: node.location,
                hints: ["for example: slo: [{path: /, p99: 200ms, errors: 0.1%}]"])
        }
        var objectives: [ServiceObjective] = []
        for item in items {
            guard let found = mistakes.attempt({ () throws(InputError) in try self.objective(item) }) else { continue }
            if objectives.contains(where: { $0.path == found.path }) {
                mistakes.note(InputError("the page \(found.path) is twice in slo", at: item.location))
            }
            objectives.append(found)
        }
        return objectives
    }

    private func objective(_ node: SourceNode) throws(InputError) -> ServiceObjective {
        let fields = try ServiceFileFields(node, .objective, mistakes)
        let path = try fields.urlPath("path") ?? "/"
        guard !path.dropLast().contains("*") else {
            throw InputError("a page's '*' is its last letter, but path is '\(path)'", at: fields.place("path"))
        }
        let times = try latencies(fields)
        let errors = try fields.share("errors")
        guard !times.isEmpty || errors != nil else {
            throw InputError(
                "nothing is said of what \(path) is to be like", at: node.location,
                hints: ["for example: slo: [{path: \(path), p99: 200ms, errors: 0.1%}]"])
        }
        return ServiceObjective(path: path, latencies: times, errors: errors)
    }

    /// More answers take no less time.
    private func latencies(_ fields: ServiceFileFields) throws(InputError) -> [LatencyTarget] {
        var times: [LatencyTarget] = []
        for (key, share) in ServiceKeys.percentiles {
            guard let limit = try fields.duration(key) else { continue }
            if let less = times.last, less.limit > limit {
                throw InputError(
                    "\(key) is \(limit.written), but \(less.name) is \(less.limit.written), which is more",
                    at: fields.place(key))
            }
            times.append(LatencyTarget(share: share, limit: limit))
        }
        return times
    }

    /// The gate that holds batches to them.
    func objectiveGate(_ node: SourceNode) throws(InputError) -> ObjectiveGate? {
        var gate = ObjectiveGate()
        guard node.entries != nil else {
            guard case .scalar(.bool(let flag)) = node.content else {
                throw InputError("slo must be true or false, but is \(node.summary)", at: node.location)
            }
            return flag ? gate : nil
        }
        let fields = try ServiceFileFields(node, .objectiveGate, mistakes)
        fields.takeNumber("requests", into: &gate.requests)
        fields.takeNumber("minimum", into: &gate.minimum)
        fields.takeNoData(into: &gate.onNoData)
        fields.takeTime("wait", into: &gate.wait)
        return gate
    }
}
