import Fleet
import Foundation
import Rollouts

/// What came of doing something on one host.
struct HostAnswer<Answer: Sendable>: Sendable {
    let host: HostName
    /// Not there for a host that was left out because the operator said stop.
    let result: Result<Answer, TransportError>?
}

/// The same work on many hosts at once; how many connect at the same time is the connector's to say.
struct FanOut: Sendable {
    let access: HostAccess
    let hosts: [HostName]
    let terminal: Terminal

    /// Connects to every host and does `work` there; gives the answers in the hosts' order.
    ///
    /// Ctrl-C leaves out the hosts whose work has not begun. `work` is told how long connecting took.
    func answers<Answer: Sendable>(
        _ work: @escaping @Sendable (any Transport, Duration) async throws(TransportError) -> Answer
    ) async throws -> [HostAnswer<Answer>] {
        let endpoints = try hosts.map { try access.endpoint(of: $0) }
        try Composition.unlockKeys(access.connector, for: endpoints, terminal)
        let stop = StopSignal()
        return try await Interruption.watched(terminal, stop) {
            await withTaskGroup(of: (Int, HostAnswer<Answer>).self) { group in
                for (index, endpoint) in endpoints.enumerated() {
                    group.addTask {
                        (index, HostAnswer(host: endpoint.host, result: await one(endpoint, unless: stop, work)))
                    }
                }
                return await collect(&group)
            }
        }
    }

    private func one<Answer: Sendable>(
        _ endpoint: Endpoint, unless stop: StopSignal,
        _ work: @Sendable (any Transport, Duration) async throws(TransportError) -> Answer
    ) async -> Result<Answer, TransportError>? {
        do throws(TransportError) {
            let start = ContinuousClock.now
            let transport = try await access.connector.transport(to: endpoint)
            if stop.wasRaised { return nil }
            return .success(try await work(transport, .now - start))
        } catch {
            return .failure(error)
        }
    }

    private func collect<Answer>(
        _ group: inout TaskGroup<(Int, HostAnswer<Answer>)>
    ) async -> [HostAnswer<Answer>] {
        var answers = [HostAnswer<Answer>?](repeating: nil, count: hosts.count)
        var done = 0
        for await (index, answer) in group {
            answers[index] = answer
            done += 1
            terminal.show(progress: "\(done) of \(hosts.count) hosts answered")
        }
        return answers.compactMap(\.self)
    }
}

extension Terminal {
    /// Tells what failed, hosts with the same trouble together.
    func show(failures: [(host: HostName, error: TransportError)]) {
        var groups: [(error: TransportError, hosts: [HostName])] = []
        for (host, error) in failures {
            if let index = groups.firstIndex(where: { $0.error.message == error.message }) {
                groups[index].hosts.append(host)
            } else {
                groups.append((error, [host]))
            }
        }
        for group in groups {
            say(paint("error:", .red) + " \(HostGroup.text(group.hosts)): \(group.error.message)")
            for hint in group.error.hints { say(paint("hint:", .cyan) + " \(hint)") }
        }
    }
}
