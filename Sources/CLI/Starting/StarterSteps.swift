import Fleet

/// What is typed after `drover init`, in order.
struct StarterSteps: Sendable {
    let service: StarterService

    /// Each with what it does.
    var all: [(command: String, purpose: String)] {
        var steps = [("drover check", "says whether anything is wrong with the files")]
        for (index, stage) in service.stages.enumerated() {
            steps +=
                stage.hosts == nil
                ? [("drover lab up -i inventory/\(stage.name).yml", "boots hosts on this machine, as root")]
                : [
                    ("drover trust --stage \(stage.name)", "shows host keys; compare them, then say yes"),
                    ("drover doctor --stage \(stage.name)", "says whether the way to the hosts is right"),
                ]
            steps.append(("drover apply \(stage.name)", "makes the hosts what the playbook says"))
            if index == 0, service.shape != .static { steps.append(("make dist", "makes \(contents)")) }
            steps.append(
                index == 0
                    ? (
                        "drover rollout \(stage.name) ./\(service.folder)",
                        "packs \(service.shape == .static ? contents : "it"), and brings it there"
                    )
                    : (
                        "drover promote --to \(stage.name)",
                        "brings the build that passed \(service.stages[index - 1].name)"
                    ))
        }
        return steps
    }

    /// What the folder has to hold.
    private var contents: String {
        switch service.shape {
        case .static: "public/ (index.html and what belongs to it)"
        case .python: "dist/ (app.py with app, and vendor/)"
        case .binary: "dist/ (bin/\(service.name), which listens on $PORT)"
        }
    }
}
