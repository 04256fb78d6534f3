import Fleet
import Foundation
import TestSupport
import Testing
import Values

@testable import Rollouts

/// What `env:` and `env_file:` of drover.yml come to for a stage.
@Suite struct SettingsReaderTests {
    private static let recorded = DroverProgram.repository.path + "/Tests/InventoriesTests/Cases/vault"

    private static func vault() throws -> Vault {
        let secret = try Data(contentsOf: URL(fileURLWithPath: recorded + "/passwords/default"))
        let text = String(decoding: secret, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return Vault([Vault.Password(origin: "a test", secret: Secret(Array(text.utf8)))])
    }

    /// What stands in the file for all stages, and for `production`.
    private func read<Answer>(
        _ common: String, _ own: String = "", files: [String: String] = [:], _ body: (ServiceFile) throws -> Answer
    ) async throws -> Answer {
        try await withTemporaryFolder { folder in
            let text = """
                service: shop
                pool: {name: shop, balancers: lb, members: web, port: 80}
                \(common)
                stages:
                  staging: {inventory: hosts.yml}
                  production:
                    inventory: hosts.yml
                \(own.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))

                """
            for (name, text) in files.merging(["drover.yml": text], uniquingKeysWith: { $1 }) {
                try text.write(toFile: folder.path + "/" + name, atomically: true, encoding: .utf8)
            }
            let log = MistakeLog()
            let draft = try #require(ServiceFileReader.review(folder.path + "/drover.yml", log))
            let file = draft.forStages
            SettingsReader.review(file, "production", try Self.vault(), log)
            if let first = log.all.first { throw first }
            return try body(file)
        }
    }

    private func values(_ file: ServiceFile, _ stage: String) throws -> [String: String] {
        let settings = try SettingsReader.settings(of: file, stage, try Self.vault())
        return Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.value.reveal()) })
    }

    @Test func aStagesOwnComeLastAndNothingTakesAway() async throws {
        let files = ["common.yml": "A: file\nB: file\nC: file\n", "own.yml": "C: own file\nD: own file\nE: own file\n"]
        try await read(
            "env_file: common.yml\nenv: {B: common, E: common, F: '{{ x }}'}",
            "env_file: [own.yml]\nenv: {D: own, E: ~}",
            files: files
        ) { file in
            let (own, other) = (try values(file, "production"), try values(file, "staging"))
            #expect(
                own == [
                    "A": "file", "B": "common", "C": "own file", "D": "own", "F": "{{ x }}",
                ])
            #expect(
                other == ["A": "file", "B": "common", "C": "file", "E": "common", "F": "{{ x }}"])
        }
    }

    @Test func secretsAreOpenedAndKnownForWhatTheyAre() async throws {
        let sealed = try String(contentsOfFile: Self.recorded + "/whole.ini", encoding: .utf8)
        let whole = try String(contentsOfFile: Self.recorded + "/whole.yml", encoding: .utf8)
        let block = sealed.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        try await read(
            "env:\n  SEALED: !vault |\n\(block)\n  OPEN: x\n  DB_PASSWORD: in the open", files: ["whole.yml": whole]
        ) {
            file in
            let settings = try SettingsReader.settings(of: file, "staging", try Self.vault())
            #expect(settings.filter(\.isSecret).map(\.name) == ["SEALED", "DB_PASSWORD"])
            #expect(settings.first?.value.reveal().isEmpty == false)
            #expect(settings.first?.value.reveal().contains("ANSIBLE_VAULT") == false)
            let error = #expect(throws: InputError.self) { try SettingsReader.settings(of: file, "staging", .locked) }
            #expect(error?.message.contains("needs a vault password") == true && error?.location?.line == 4)
        }
    }

    static let mistakes: [(common: String, place: String, message: String, hint: String)] = [
        ("env: [A]", "3:6", "env must be a mapping of names to values, but is a list", "LOG_LEVEL: info"),
        ("env: {PORT: 8080}", "3:13", "PORT must be text, but is the number 8080", #"PORT: "8080""#),
        ("env: {DEBUG: on}", "3:14", "DEBUG must be text, but is the boolean true", #"DEBUG: "true""#),
        ("env: {RATIO: 1.5}", "3:14", "RATIO must be text, but is the number 1.5", #"RATIO: "1.5""#),
        ("env: {LIST: [a]}", "3:13", "LIST must be text, but is a list", "JSON in quotes"),
        ("env: {1A: x}", "3:7", "'1A' cannot name a variable", "no digit first"),
        ("env: {A-B: x}", "3:7", "'A-B' cannot name a variable", "letters, digits and '_'"),
        ("env: {7: x}", "3:7", "the number 7 cannot name a variable", "letters, digits and '_'"),
        (#"env: {A: "x\0y"}"#, "3:10", "A has a NUL in it, which no variable can have", ""),
        (
            "env_file: nowhere.yml", "3:11",
            "there is no file 'FOLDER/nowhere.yml', or it cannot be read, which env_file names", ""
        ),
        ("env_fil: x", "3:1", "unknown key 'env_fil'", "env_file"),
        (
            "env: {A: \(String(repeating: "x", count: 131_071))}", "3:10",
            "A is too long: 131074 bytes, and a program is started with 131071 at most",
            "have the playbook bring a file"
        ),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsToldWithItsPlace(_ common: String, _ place: String, _ message: String, _ hint: String) async throws {
        let error = await #expect(throws: InputError.self) { try await read(common) { _ in } }
        let location = try #require(error?.location)
        #expect("\(location.line):\(location.column)" == place)
        let folder = (location.file as NSString).deletingLastPathComponent
        #expect(error?.message.replacing(folder, with: "FOLDER") == message)
        #expect(hint.isEmpty || error?.hints.contains { $0.contains(hint) } == true, "\(error?.hints ?? [])")
    }
}
