import Fleet
import OrderedCollections
import Testing
import Values

@testable import Playbooks

/// `key=value` arguments as Ansible's splitter reads them.
@Suite struct KeyValueTextTests {
    struct Case: Sendable {
        var text: String
        var pairs: [String: String]
    }

    @Test(arguments: [
        Case(text: "src=a dest=b", pairs: ["src": "a", "dest": "b"]),
        Case(text: #"content="a=b c=d" dest=/x"#, pairs: ["content": "a=b c=d", "dest": "/x"]),
        Case(text: "path={{ a }}/b mode=0644", pairs: ["path": "{{ a }}/b", "mode": "0644"]),
        Case(text: "msg=\"{{ x | default('c d') }}\"", pairs: ["msg": "{{ x | default('c d') }}"]),
        Case(text: "msg={{ x | default('c d') }}", pairs: ["msg": "{{ x | default('c d') }}"]),
        Case(text: #"content="1\n2" dest=x"#, pairs: ["content": "1\n2", "dest": "x"]),
        Case(text: "a=1\n  b=2", pairs: ["a": "1", "b": "2"]),
        Case(text: "name='it is'", pairs: ["name": "it is"]),
    ])
    func readsPairs(_ splitting: Case) throws {
        let place = SourceLocation(file: "f")
        let arguments = try KeyValueText.arguments(splitting.text, freeFormKeys: nil, at: place)
        let pairs = Dictionary(uniqueKeysWithValues: arguments.named.map { ($0.key, $0.value.text ?? "") })
        #expect(pairs == splitting.pairs)
    }

    @Test(arguments: [
        ("ls chdir=/tmp", "ls", ["chdir": "/tmp"]),
        ("echo a=b > x creates=/x", "echo a=b > x", ["creates": "/x"]),
        ("printf '%s|' \"two words\" plain", "printf '%s|' \"two words\" plain", [:]),
    ])
    func takesKnownWordsOutOfTheFreeForm(_ text: String, _ line: String, _ pairs: [String: String]) throws {
        let arguments = try KeyValueText.arguments(
            text, freeFormKeys: ["chdir", "creates"], at: SourceLocation(file: "f"))
        #expect(arguments.freeForm?.text == line)
        #expect(Dictionary(uniqueKeysWithValues: arguments.named.map { ($0.key, $0.value.text ?? "") }) == pairs)
    }

    @Test func anOpenQuoteIsRefused() {
        #expect(throws: InputError.self) {
            try KeyValueText.words("a='b c", at: SourceLocation(file: "f"))
        }
    }
}
