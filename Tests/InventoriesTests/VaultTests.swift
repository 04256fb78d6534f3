import Fleet
import Foundation
import OrderedCollections
import Synchronization
import TestSupport
import Testing

@testable import Inventories
@testable import Values

/// What ansible-vault of ansible-core 2.19 wrote, and what Ansible made of it; see `Cases/README.md`.
private enum Recorded {
    static let folder = RecordedCases.folder + "/vault"

    struct Text: Decodable, Sendable, CustomTestStringConvertible {
        let id: String
        let password: String
        let sealed: String
        let plain: Data
        var testDescription: String { "\(id), \(plain.count) bytes" }
    }

    static let texts: [Text] = {
        let lines =
            (try? String(contentsOfFile: folder + "/texts.jsonl", encoding: .utf8))?.split(separator: "\n") ?? []
        return lines.compactMap { try? JSONDecoder().decode(Text.self, from: Data($0.utf8)) }
    }()

    /// Ansible's order: as they were given.
    static func passwords(_ ids: String...) throws -> [Vault.Password] {
        try ids.map { try .read(file: folder + "/passwords/" + $0, id: $0) }
    }

    static func inventory(_ vault: Vault) throws -> Inventory {
        try Inventory.load(sources: [folder + "/inventory/hosts.yml"], vault: vault)
    }
}

/// Every text that a vault told of.
private final class Kept: Sendable {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }
    func keep(_ text: String) { texts.withLock { $0.append(text) } }
}

private let place = SourceLocation(file: "test.yml", line: 3, column: 1)

@Suite struct VaultTests {
    @Test func casesAreThere() { #expect(Recorded.texts.count == 11) }

    @Test(arguments: Recorded.texts)
    fileprivate func opensWhatAnsibleVaultWrote(_ text: Recorded.Text) throws {
        let password = Vault.Password(id: text.id, origin: "test", secret: Secret(Array(text.password.utf8)))
        #expect(try Vault([password]).open(text.sealed, at: place) == [UInt8](text.plain))
    }

    @Test(arguments: Recorded.texts)
    fileprivate func namesOfPasswordsAreOnlyAHint(_ text: Recorded.Text) throws {
        let passwords = [("other", "wrong"), ("another", text.password), (text.id, "wrong too")]
        let vault = Vault(passwords.map { .init(id: $0.0, origin: "test", secret: Secret(Array($0.1.utf8))) })
        #expect(try vault.open(text.sealed, at: place) == [UInt8](text.plain))
    }

    @Test func wrongAndMissingPasswordsAreTold() throws {
        let text = try #require(Recorded.texts.first { $0.id == "prod" })
        let missing = #expect(throws: InputError.self) { try Vault.locked.open(text.sealed, at: place) }
        #expect(missing?.location == place)
        #expect(missing?.message.contains("'prod'") == true)
        #expect(missing?.hints.first?.contains("--vault-id prod@FILE") == true)
        let vault = Vault([.init(id: "dev", origin: "dev.txt", secret: Secret(Array("wrong".utf8)))])
        let wrong = #expect(throws: InputError.self) { try vault.open(text.sealed, at: place) }
        #expect(wrong?.message.contains("'dev' (dev.txt)") == true)
        #expect(wrong?.hints.first?.contains("prod") == true)
    }

    @Test(arguments: [
        "", "$ANSIBLE_VAULT;", "$ANSIBLE_VAULT;1.1;AES256", "$ANSIBLE_VAULT;1.1;AES256\n",
        "$ANSIBLE_VAULT;1.1;AES256\n6",
        "$ANSIBLE_VAULT;1.1;AES256\n6a6a", "$ANSIBLE_VAULT;1.1;AES256\nzz", "$ANSIBLE_VAULT;1.0;AES\n6a6a",
        "$ANSIBLE_VAULT;9.9;AES256\n6a", "hello", "$ANSIBLE_VAULT;1.1;AES256\n360a360a36",
    ])
    func damagedTextIsTold(_ text: String) {
        let error = #expect(throws: InputError.self) { try Vault.locked.open(text, at: place) }
        #expect(error?.location == place)
        #expect(error?.hints.isEmpty == false)
    }

    @Test func changedTextIsRefused() throws {
        let text = try #require(Recorded.texts.first)
        let vault = Vault([.init(origin: "test", secret: Secret(Array(text.password.utf8)))])
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<40 {
            var bytes = Array(text.sealed.utf8)
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            bytes[index] = bytes[index] == UInt8(ascii: "3") ? UInt8(ascii: "4") : UInt8(ascii: "3")
            // Only white space and the name may differ without harm.
            let opened = try? vault.open(String(decoding: bytes, as: UTF8.self), at: place)
            #expect(opened == nil || opened == [UInt8](text.plain))
        }
    }

    // MARK: Inventories

    @Test func listsAsAnsibleDoes() throws {
        let inventory = try Recorded.inventory(Vault(Recorded.passwords("default", "prod", "dev")))
        let expected = try RecordedCases.json(file: Recorded.folder + "/list.json")
        #expect(try RecordedCases.normal(RecordedCases.json(inventory.listing())) == RecordedCases.normal(expected))
        for host in ["web1", "web2", "db1"] {
            let shown = try inventory.listing(of: HostName(host))
            let expected = try RecordedCases.json(file: Recorded.folder + "/\(host).json")
            #expect(try RecordedCases.json(shown) == expected)
        }
    }

    @Test func valuesAreOpenedWhenUsed() throws {
        let kept = Kept()
        let vault = Vault(try Recorded.passwords("default", "prod", "dev"), keep: kept.keep)
        let inventory = try Recorded.inventory(vault)
        let files = ["s3cret-of-all", "54321987", "first secret", "second secret", "toor-toor"]
        #expect(Set(kept.all) == Set(files))
        let variables = inventory.variables(of: try HostName("web2"))
        for (name, text) in [
            ("api_key", "key for web\n"), ("greeting", "hello {{ inventory_hostname }}"), ("token", "token of web2"),
        ] {
            guard case .template(let template)? = variables[name], case .ciphertext(let open)? = template.vault else {
                Issue.record("\(name) is not sealed")
                continue
            }
            #expect(template.text.hasPrefix("$ANSIBLE_VAULT;1.2;AES256;"))
            #expect(try open() == text)
            #expect(try open() == text)
            #expect(kept.all.filter { $0 == text }.count == 1)
        }
    }

    @Test func listingNeedsNoPasswordForValues() throws {
        try withFile("all: {hosts: {a: {word: !vault '\(Recorded.texts[0].sealed.replacing("\n", with: "\\n"))'}}}") {
            let inventory = try Inventory.load(sources: [$0])
            #expect(inventory.listing().contains("__ansible_vault"))
        }
    }

    @Test func encryptedFilesNeedTheirPassword() throws {
        let error = #expect(throws: InputError.self) { try Recorded.inventory(.locked) }
        #expect(error?.location?.file.hasSuffix("group_vars/all/vault.yml") == true)
    }

    @Test(arguments: ["whole.yml", "whole.ini"])
    func wholeInventoriesAreRead(_ name: String) throws {
        let kept = Kept()
        let vault = Vault(try Recorded.passwords("default"), keep: kept.keep)
        let inventory = try Inventory.load(sources: [Recorded.folder + "/" + name], vault: vault)
        #expect(inventory.hosts.map(\.description) == ["one"])
        #expect(inventory.variables(of: try HostName("one"))["secret_word"]?.text == "abracadabra")
        #expect(kept.all == ["abracadabra"])
    }

    private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        let file = NSTemporaryDirectory() + "vault-\(UUID().uuidString).yml"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        try body(file)
    }
}

@Suite struct VaultPasswordTests {
    private func password(
        _ text: String, named name: String = "password", mode: Int = 0o600, id: String? = nil
    ) async throws -> (id: String, text: String) {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent(name).path
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
            let password = try Vault.Password.read(file: file, id: id)
            return (password.id, String(decoding: password.secret.reveal(), as: UTF8.self))
        }
    }

    @Test func filesLoseTheBlanksAround() async throws {
        #expect(try await password(" two words \t\n\n") == ("default", "two words"))
        #expect(try await password("x", id: "prod") == ("prod", "x"))
    }

    @Test func programsPrintThePassword() async throws {
        #expect(try await password("#!/bin/sh\necho ' kept '", mode: 0o700).text == " kept ")
        #expect(try await password("#!/bin/sh\necho $# args", mode: 0o700, id: "prod").text == "0 args")
        let client = "#!/bin/sh\necho \"$1=$2\""
        let named = try await password(client, named: "keys-client.sh", mode: 0o700, id: "prod")
        #expect(named == ("prod", "--vault-id=prod"))
    }

    @Test(arguments: [
        ("", 0o600, "empty"), ("\n", 0o600, "empty"), ("no program", 0o700, "can't be run"),
        ("#!/bin/sh\nexit 3", 0o700, "status 3"), ("#!/bin/sh\n", 0o700, "empty"),
        ("$ANSIBLE_VAULT;1.1;AES256\n6a", 0o600, "encrypted itself"),
    ])
    func whatGivesNoPasswordIsTold(_ text: String, _ mode: Int, _ reason: String) async {
        let error = await #expect(throws: InputError.self) { try await password(text, mode: mode) }
        #expect(error?.message.contains(reason) == true)
        #expect(error?.location != nil)
    }

    @Test func aClientThatKnowsNoSuchNameIsTold() async {
        let error = await #expect(throws: InputError.self) {
            try await password("#!/bin/sh\necho none >&2; exit 2", named: "k-client", mode: 0o700, id: "prod")
        }
        #expect(error?.message.contains("knows no password 'prod'") == true)
        #expect(error?.hints == ["it said: none"])
    }

    @Test func aMissingFileIsTold() {
        #expect(throws: InputError.self) { try Vault.Password.read(file: "/no/such/file", id: nil) }
        #expect(throws: InputError.self) { try Vault.Password.read(file: "/tmp", id: nil) }
    }
}
