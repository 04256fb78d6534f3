import Fleet

/// How a host is found well, beside its units.
enum HostQuestion: Hashable, Sendable {
    /// GET on the host itself.
    case page(port: Int, path: String, expect: ClosedRange<Int>)
    /// A command on the host that ends with 0.
    case command(String)
    /// Its units run, and still do a second later.
    case units
}

/// Asks a host whether its service is well: question after question, each until it is answered well or its time is up.
struct HealthQuestions: Hashable, Sendable {
    /// One of them.
    enum Question: Hashable, Sendable {
        case page(HealthScript)
        case command(String)
        case units

        init(_ question: HostQuestion, at address: String) {
            switch question {
            case .page(let port, let path, let expect):
                self = .page(HealthScript(address: address, port: port, path: path, expect: expect, seconds: 0))
            case .command(let line): self = .command(line)
            case .units: self = .units
            }
        }
    }

    let questions: [Question]
    let seconds: Int
    let layout: ReleaseLayout

    init(_ questions: [Question], seconds: Int, layout: ReleaseLayout) {
        (self.seconds, self.layout) = (seconds, layout)
        self.questions = questions.map { question in
            guard case .page(var page) = question else { return question }
            page.seconds = seconds
            return .page(page)
        }
    }

    private var units: String { layout.units.map(RemoteCommand.quote).joined(separator: " ") }

    /// The one page that is asked for; `nil` where it is otherwise.
    private var page: HealthScript? {
        if questions.count == 1, case .page(let page)? = questions.first { page } else { nil }
    }

    /// Waits until all are answered well: see ``HealthScript/script(_:release:)``. With several questions, or others than a
    /// page, the place of the one that was not is printed first.
    func script(release: ReleaseID) -> String {
        if let page { return page.script(layout, release: release) }
        return """
            link=$(readlink \(RemoteCommand.quote(layout.root + "/current")) 2>/dev/null || true)
            if [ "${link##*/}" != \(release) ]; then echo "${link##*/}"; exit \(ReleaseScript.Status.reverted); fi
            \(TierQuestionScript.functions(units: units, staying: 1))
            said=
            \(asking(waiting: seconds) { index in
                """
                printf '%s\\n' '\(index)' "$answer"
                for unit in \(units); do
                  echo "$unit: $(systemctl is-active "$unit" 2>&1)"
                  journalctl --unit "$unit" --since=-\(seconds + 5)s --quiet --no-pager --output cat 2>/dev/null | tail -n 10
                done
                exit $status
                """
            })
            printf '%s\\n' "$said"
            """
    }

    /// Asks all of them, and prints the answers in one line; ends with 0 when they were good.
    var command: String {
        if let page { return page.command }
        return """
            \(TierQuestionScript.functions(units: units, staying: 0))
            said=
            \(asking(waiting: 0) { _ in #"printf '%s\n' "$answer"; exit $status"# })
            printf '%s\\n' "$said"
            """
    }

    /// - Parameter units: For how many seconds units are waited for; whoever looks at them besides waits for none.
    private func asking(waiting units: Int, orElse failed: (Int) -> String) -> String {
        questions.enumerated().map { index, question in
            """
            answer=$(\(words(question, units))) && status=0 || status=$?
            if [ $status -ne 0 ]; then
            \(failed(index))
            fi
            said="$said${said:+, }$(printf '%s\\n' "$answer" | head -n 1)"
            """
        }.joined(separator: "\n")
    }

    private func words(_ question: Question, _ waiting: Int) -> String {
        switch question {
        case .page(let page): "\(page.command) \(units)"
        case .command(let line): "ask_command \(RemoteCommand.quote(line)) \(seconds)"
        case .units: "ask_units \(waiting)"
        }
    }

    /// Why the host was not found well, from what ``script(release:)`` printed.
    func error(on host: HostName, _ result: CommandResult) -> RolloutError {
        if let page { return FailedCheck(parsing: result, of: page).error(on: host, layout) }
        var rest = result
        let lines = result.text.lines
        rest.output = Array(lines.dropFirst().joined(separator: "\n").utf8)
        guard let place = lines.first.flatMap({ Int($0) }), questions.indices.contains(place) else {
            return RolloutError(
                .unhealthy, host: host, "could not be asked whether it is well: status \(result.status)",
                detail: (lines + result.errorText.lines).suffix(20), hints: [layout.logHint(host)])
        }
        switch questions[place] {
        case .page(let page): return FailedCheck(parsing: rest, of: page).error(on: host, layout)
        case .command(let line):
            return error(on: host, rest, "\(line) ", hint: "it is well when that command ends with 0")
        case .units: return error(on: host, rest, "", hint: nil)
        }
    }

    private func error(on host: HostName, _ result: CommandResult, _ what: String, hint: String?) -> RolloutError {
        var lines = result.text.lines[...]
        let failed: String? = result.status == HealthScript.unitFailed ? lines.popFirst() : nil
        let answer = lines.popFirst() ?? "says nothing"
        let reason = failed.map { "\($0) has failed" } ?? "not healthy after \(seconds) s"
        let advice = failed == nil ? hint : "why it failed is in its last lines above"
        return RolloutError(
            .unhealthy, host: host, "\(reason): \(what)\(answer)", detail: Array(lines.suffix(24)),
            hints: [advice, layout.logHint(host)].compactMap(\.self))
    }
}

/// The shell's part of asking a host by a command, or for its units.
enum TierQuestionScript {
    /// How long a command may take, so that one that hangs is asked again.
    private static let each = 10

    /// Defines `ask_command COMMAND SECONDS` and `ask_units SECONDS`. Each prints its answer and ends with 0 when it is good, with
    /// 1 when time is up, and as ``HealthScript`` does when a unit has failed.
    /// - Parameter staying: For how many seconds units have to stay up.
    static func functions(units: String, staying: Int) -> String {
        """
        unit_failed() {
          for unit in \(units); do
            case $(systemctl is-active "$unit" 2>/dev/null) in failed) echo "$unit"; return 0;; esac
          done
          return 1
        }
        ask_command() {
          end=$(($(date +%s) + $2))
          while :; do
            told=$(timeout \(each) /bin/sh -c "$1" 2>&1 </dev/null); code=$?
            told=$(printf '%s\\n' "$told" | tail -n 1)
            if [ $code -eq 0 ]; then printf '%s\\n' "${told:-status 0}"; return 0; fi
            if unit_failed; then echo "ends with status $code: $told"; return \(HealthScript.unitFailed); fi
            if [ "$(date +%s)" -ge "$end" ]; then echo "ends with status $code: $told"; return 1; fi
            sleep 0.2
          done
        }
        unit_waits() {
          for unit in \(units); do
            state=$(systemctl show --property=ActiveState --value "$unit")
            case $state in active|reloading|refreshing) continue;; esac
            case $(systemctl show --property=Type,Result "$unit" | sort | tr '\\n' ' ')$state in
            'Result=success Type=oneshot '*) continue;;
            esac
            echo "$unit is $state"; return 0
          done
          return 1
        }
        restarts() { systemctl show --property=NRestarts --value \(units) 2>/dev/null; }
        ask_units() {
          end=$(($(date +%s) + $1))
          while :; do
            before=$(restarts)
            waits=$(unit_waits) || {
              sleep \(staying)
              if ! waits=$(unit_waits) && [ "$before" = "$(restarts)" ]; then echo "every unit runs"; return 0; fi
              waits=${waits:-a unit was restarted by systemd}
            }
            if unit_failed; then echo "$waits"; return \(HealthScript.unitFailed); fi
            if [ "$(date +%s)" -ge "$end" ]; then echo "$waits"; return 1; fi
            sleep 0.2
          done
        }
        """
    }
}
