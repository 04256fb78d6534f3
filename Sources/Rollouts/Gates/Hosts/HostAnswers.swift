import Fleet

extension StageGates {
    /// What a script printed on each of some hosts, asked side by side.
    ///
    /// A host that cannot be reached is left out: its confirmation tells it, which knows the budget.
    /// - Throws: ``RolloutError`` for a host where the script did not end well.
    func ask(_ script: String, on hosts: [HostName]) async throws(RolloutError) -> [(host: HostName, text: String)] {
        let answers = await forEachBounded(hosts) { host in
            await Result { () async throws(RolloutError) in try await releases.ask(script, on: host) }
        }
        var texts: [(HostName, String)] = []
        for (host, answer) in zip(hosts, answers) {
            do throws(RolloutError) {
                texts.append((host, try answer.get()))
            } catch {
                if error.code != .unreachable { throw error }
            }
        }
        return texts
    }

    /// A gate that asks the batch's hosts, and fails where they cannot say.
    func hostGate(
        _ name: String,
        _ begin:
            @escaping @Sendable (GateWatch) async -> @Sendable (GateMoment) async throws(RolloutError) -> GateAnswer
    ) -> Gate {
        Gate(name: name) { watch in
            let question = await begin(watch)
            return { moment in
                do throws(RolloutError) {
                    return try await question(moment)
                } catch {
                    return GateAnswer(.fail, "\(error.host): \(error.message)")
                }
            }
        }
    }

    /// The service's units, where a gate names none.
    func unitsOrOwn(_ names: [String]) -> [String] { names.isEmpty ? site.file.units : names }

    /// Words of a shell.
    func quoted(_ words: [String]) -> String { words.map(RemoteCommand.quote).joined(separator: " ") }
}

/// What a script printed, as `NAME=VALUE` lines; of one that stands there twice, the last.
struct AnswerFields {
    private let values: [String: String]

    init(_ text: String) {
        values = text.split(whereSeparator: \.isNewline).reduce(into: [:]) { values, line in
            guard let cut = line.firstIndex(of: "=") else { return }
            values[String(line[..<cut])] = String(line[line.index(after: cut)...])
        }
    }

    subscript(name: String) -> String? { values[name] }

    func number(_ name: String) -> Double? {
        values[name].flatMap { Double($0.split(separator: " ").first ?? "") }.flatMap { $0.isFinite ? $0 : nil }
    }
}
