import Fleet

/// What is typed after `drover init`, in order.
struct StarterSteps: Sendable {
    let service: StarterService

    /// Each with what it does; both fit a line of 80 columns unless names are long.
    var all: [(command: String, purpose: String)] {
        [("drover check", "is anything wrong?")]
            + service.stages.indices.flatMap { reaching($0) + bringing($0) }
    }

    /// What the folder that is packed has to hold.
    var contents: String {
        switch service.shape {
        case .static: "public/ is what hosts will serve: index.html and what belongs to it"
        case .python: "dist/ is what hosts will get: app.py, in which `app` is the application, and vendor/"
        case .binary: "dist/ is what hosts will get: bin/\(service.name), which listens on $PORT"
        case .container: "dist/ is what hosts will get: image.tar, whose program listens on $PORT"
        }
    }

    private func reaching(_ index: Int) -> [(String, String)] {
        let stage = service.stages[index]
        let apply = ("drover apply \(stage.name)", "hosts as the playbook says")
        if stage.hosts == nil {
            return [("drover lab up -i inventory/\(stage.name).yml", "boots them here, as root"), apply]
        }
        return [
            ("drover trust --stage \(stage.name)", "host keys: compare, then yes"),
            ("drover doctor --stage \(stage.name)", "is the way there right?"), apply,
        ]
    }

    private func bringing(_ index: Int) -> [(String, String)] {
        let stage = service.stages[index].name
        if index > 0 {
            return [("drover promote --to \(stage)", "what passed \(service.stages[index - 1].name)")]
        }
        let rollout = ("drover rollout \(stage) ./\(service.folder)", "packs it, brings it there")
        return service.shape == .static ? [rollout] : [("make dist", "see the Makefile"), rollout]
    }
}
