import Fleet
import Foundation
import Subprocess

/// The installed `ssh-keygen`, which makes signatures and judges them.
struct SigningTool: Sendable {
    /// What it said.
    struct Answer {
        var succeeded: Bool
        var output: String
        var errors: String

        /// Its last word on what is wrong.
        var reason: String {
            let lines = (output + "\n" + errors).split(whereSeparator: \.isNewline)
            // That it could not be verified stands below why.
            return (lines.last { $0 != "Could not verify signature." }).map(String.init) ?? "it could not be verified"
        }
    }

    /// Runs `ssh-keygen -Y` with `statement` as its input.
    /// - Throws: ``InputError`` where there is no ssh-keygen.
    func run(_ words: [String], _ statement: String) async throws -> Answer {
        let result = try await withFile(statement) { input in
            let script = #"input=$1; shift; exec ssh-keygen -Y "$@" <"$input""#
            return try await Subprocess.run(
                .name("sh"), arguments: Arguments(["-c", script, "sh", input] + words), input: .none,
                output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
        }
        if case .exited(127) = result.terminationStatus {
            throw InputError(
                .missing, "this machine has no ssh-keygen", hints: ["install it: apt-get install openssh-client"])
        }
        return Answer(
            succeeded: result.terminationStatus.isSuccess, output: result.standardOutput, errors: result.standardError)
    }

    /// Does `work` with the path of a file that nobody else reads and that goes afterwards. Input is such a file, too: a program
    /// may end before it has read all of a pipe, and swift-subprocess ends the whole process where writing to one fails.
    func withFile<Result>(_ text: String, _ work: (String) async throws -> Result) async throws -> Result {
        let path = NSTemporaryDirectory() + "/drover-signature-\(UUID().uuidString)"
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw InputError(.unreadable, "nothing can be written to \(NSTemporaryDirectory())") }
        defer { unlink(path) }
        return try await work(path)
    }
}

extension SigningTool {
    /// Signs a statement with a key: a private one, or a public one whose private one an agent has.
    /// - Throws: ``InputError`` for a key that cannot sign.
    func sign(_ statement: SignedStatement, key: String) async throws -> String {
        let place = SourceLocation(file: key)
        guard FileManager.default.isReadableFile(atPath: key) else {
            throw InputError(
                .missing, "there is no such key, or it cannot be read", at: place,
                hints: ["make one: ssh-keygen -t ed25519 -f KEY", "a key in an agent is named by its .pub file"])
        }
        let answer = try await run(["sign", "-q", "-n", SignedStatement.namespace, "-f", key], statement.text)
        guard answer.succeeded, SignatureArmour(answer.output) != nil else {
            throw InputError(
                .unreadable, "the key does not sign: \(answer.reason)", at: place,
                hints: ["is it a private key, or does an agent have it? ssh-add -l"])
        }
        return answer.output
    }

    /// What a signature of a statement is worth by a rule.
    /// - Throws: ``InputError`` where the rule's files cannot be read.
    func judge(
        _ signature: BuildSignature, of statement: SignedStatement, by rule: SignatureRule
    ) async throws -> SignatureVerdict {
        guard let armour = SignatureArmour(signature.text) else {
            return .bad(key: "no key", reason: "it is no SSH signature")
        }
        let key = armour.fingerprint
        return try await withFile(signature.text) { file in
            let found = try await run(["find-principals", "-s", file, "-f", rule.signers], "")
            let names = found.succeeded ? found.output.split(whereSeparator: \.isNewline).map(String.init) : []
            if names.isEmpty, found.errors.contains("expired") || found.errors.contains("not yet valid") {
                return .bad(key: key, reason: found.reason)
            }
            var reason: String?
            for name in names {
                var words = ["verify", "-n", SignedStatement.namespace, "-f", rule.signers, "-I", name, "-s", file]
                if let revoked = rule.revoked { words += ["-r", revoked] }
                let verified = try await run(words, statement.text)
                if verified.succeeded { return .good(signer: name, key: key) }
                reason = verified.reason
            }
            return reason.map { .bad(key: key, reason: $0) } ?? .unknown(key: key)
        }
    }
}
