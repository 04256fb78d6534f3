import Fleet
import Foundation
import Rollouts

extension Controller {
    /// This process.
    static let this = Controller(
        user: Person.name(ProcessInfo.processInfo.environment, login: NSUserName()),
        machine: ProcessInfo.processInfo.hostName,
        process: ProcessInfo.processInfo.processIdentifier,
        now: { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded())) },
        isGone: { process in kill(process, 0) != 0 && errno == ESRCH })
}

/// Who has begun what a controller does, as far as its surroundings say.
enum Person {
    /// The person and the job of a CI system, the one behind sudo, or the user; letters that a holder's name is made of by
    /// itself become dashes.
    static func name(_ environment: [String: String], login: String) -> String {
        func known(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let jobs: [(person: String, job: String)] = [
            ("GITHUB_ACTOR", "GITHUB_RUN_ID"), ("GITLAB_USER_LOGIN", "CI_JOB_ID"), ("BUILD_USER_ID", "BUILD_TAG"),
        ]
        let job = jobs.lazy.compactMap { names in
            known(names.job).map { [known(names.person), $0].compactMap(\.self).joined(separator: "/") }
        }.first
        let person = job ?? known("SUDO_USER") ?? (login.isEmpty ? "nobody" : login)
        return String(person.map { $0 == "@" || $0 == ":" || $0.isWhitespace ? "-" : $0 })
    }
}
