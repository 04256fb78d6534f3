import Fleet

/// How persons reach a rollout while it is driven, and how what is to be run besides is run.
public struct RolloutControl: Sendable {
    /// Runs a hook on a host, or on this machine; gives its last words.
    typealias RunHook = @Sendable (HookCall, HostName?) async throws(RolloutError) -> String?

    /// Where requests arrive.
    let inbox: RolloutInbox
    /// Whether the process stays while somebody has to have it go on; else it ends.
    let waits: Bool
    /// The journal's clock; `nil` where deadlines are told by waiting alone.
    let now: @Sendable () -> Timestamp?
    let runHook: RunHook

    /// Nobody asks for anything, and nothing is waited for, unless said otherwise.
    public init() { self.init(inbox: RolloutInbox()) }

    init(
        inbox: RolloutInbox, waits: Bool = false, now: @escaping @Sendable () -> Timestamp? = { nil },
        runHook: @escaping RunHook = { call, host throws(RolloutError) in
            throw RolloutError(.command, host: host ?? call.localHost, "nobody here can run \(call.command)")
        }
    ) {
        self.inbox = inbox
        self.waits = waits
        self.now = now
        self.runHook = runHook
    }
}

/// A command that a rollout has run, with what it finds in its environment.
struct HookCall: Hashable, Sendable {
    var command: String
    /// The release whose folder it is run in on hosts.
    var release: ReleaseID
    var environment: [String: String]
    var timeout: Duration
    /// What this machine is called where a host has to be named.
    var localHost: HostName
}

extension RolloutRunner {
    /// Runs what the plan has for that point, once.
    func runHook(_ point: RolloutHooks.Point, on host: HostName?, in state: RolloutState) async throws(RolloutError)
        -> String?
    {
        guard let hooks = state.plan.hooks, let hook = hooks.hook(at: point), let first = state.plan.hosts.first else {
            return nil
        }
        return try await control.runHook(call(hook, point, host, state, first), host)
    }

    /// Runs what the plan has to be run on each host that takes the build.
    func runHook(
        _ point: RolloutHooks.Point, onHostOf action: RolloutAction, in state: RolloutState
    ) async throws(RolloutError) {
        guard !state.isGoingBack, state.halt == nil, let host = action.host, action.release == state.plan.build.release,
            let hook = state.plan.hooks?.hook(at: point), hook.place == .hosts
        else { return }
        do {
            _ = try await control.runHook(call(hook, point, host, state, host), host)
        } catch {
            throw RolloutError(
                error.code, host: host, "hook \(point.rawValue): \(error.message)", detail: error.detail,
                hints: error.hints)
        }
    }

    private func call(
        _ hook: RolloutHooks.Hook, _ point: RolloutHooks.Point, _ host: HostName?, _ state: RolloutState,
        _ first: HostName
    ) -> HookCall {
        let plan = state.plan
        var environment = [
            "DROVER_HOOK": point.rawValue, "DROVER_STAGE": plan.stage, "DROVER_BUILD": plan.build.file.description,
            "DROVER_RELEASE": plan.build.release.description,
            "DROVER_HOSTS": plan.hosts.map(\.description).joined(separator: " "),
        ]
        if let baseline = plan.baseline { environment["DROVER_PREVIOUS"] = baseline.description }
        if let host { environment["DROVER_HOST"] = host.description }
        return HookCall(
            command: hook.command, release: plan.hooks?.undoRelease ?? plan.build.release, environment: environment,
            timeout: hook.timeout, localHost: first)
    }

    /// What `work` gives; `nil` when it was interrupted before its end.
    func uninterrupted<Answer: Sendable>(_ work: @escaping @Sendable () async -> Answer) async -> Answer? {
        await withTaskGroup(of: Answer?.self) { group in
            group.addTask { await work() }
            group.addTask { [interruption] in
                await interruption.wait()
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
