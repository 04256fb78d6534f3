import Fleet
import Foundation
import Rollouts
import TestSupport
import Testing

/// The file that settings are delivered as.
@Suite struct SettingsFileTests {
    static let values = [
        "", "plain", " blanks at both ends ", #"a "quoted" 'word'"#, #"back\slash \n \\"#, "$HOME `id` ${X}",
        "#no comment",
        "two\nlines\n", "tab\tbell\u{7}", "grüße 🐘", "a=b=c", "{{ no.template }}", "\r", "-n",
    ]

    private static let file = SettingsFile(
        values.enumerated().map { Setting("V\($0)", $1, isSecret: $0 == 1) }, salt: Secret("salt"))

    @Test func whatWasWrittenIsReadBack() throws {
        let read = try #require(SettingsFile(parsing: Self.file.text.reveal(), id: Self.file.id))
        #expect(read == Self.file)
        #expect(read.settings.filter(\.isSecret).map(\.name) == ["V1"])
    }

    /// systemd takes between double quotes what a shell does.
    @Test(arguments: values.indices) func aShellReadsTheSame(_ index: Int) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path + "/env"
            try Self.file.text.reveal().write(toFile: path, atomically: true, encoding: .utf8)
            let script = ". \(path); printf '%s' \"$V\(index)\""
            #expect(try await DroverProgram.run(["sh", "-c", script]).output == Self.values[index])
        }
    }

    @Test func theSameSettingsUnderTheSameSaltAreTheSameAndUnderAnotherAreNot() {
        let file = SettingsFile([Setting("B", "2"), Setting("A", "1")], salt: Secret("one"))
        let again = SettingsFile([Setting("A", "1"), Setting("B", "2")], salt: file.salt)
        #expect(file.text == again.text && file.id == again.id)
        #expect(
            SettingsFile(file.settings, salt: Secret("two")).id != file.id, "nobody who lacks the salt can try values")
        #expect(SettingsFile([Setting("A", "1"), Setting("B", "3")], salt: file.salt).id != file.id)
    }

    @Test(
        arguments: [
            { $0.replacing("two", with: "three") }, { String($0.dropLast(3)) }, { $0.replacing("# salt ", with: "# ") },
            { _ in "" },
        ] as [@Sendable (String) -> String])
    func aFileThatSomebodyChangedIsNone(_ change: @Sendable (String) -> String) {
        #expect(SettingsFile(parsing: change(Self.file.text.reveal()), id: Self.file.id) == nil)
    }

    @Test func nothingThatPrintsItShowsAValue() {
        let file = SettingsFile([Setting("A", "zebra-7")], salt: Secret("zebra-7"))
        var dumped = ""
        dump(file, to: &dumped)
        #expect(!dumped.contains("zebra-7") && !"\(file)".contains("zebra-7"))
    }
}

/// Builds and releases with settings.
@Suite struct SettingsIDTests {
    private static let build = String(repeating: "ab", count: 32)

    @Test func aBuildWithSettingsIsReadAndTakenApart() throws {
        let build = try BuildDigest(Self.build + "-0123abcd")
        #expect(build.settings?.description == "0123abcd")
        #expect(build.file.description == Self.build)
        #expect(build.release.description == "abababababab-0123abcd")
        #expect(build.release.settings == build.settings)
        #expect(build.with(nil) == build.file && build.file.with(build.settings) == build)
        #expect(ReleaseID("abababababab-0123abcd") == build.release)
    }

    @Test(arguments: ["-", "-0123abc", "-0123abcde", "-0123ABCg", "0123abcd", "-0123abc\u{e9}"])
    func anythingElseIsRefused(_ suffix: String) {
        #expect(throws: InputError.self) { try BuildDigest(Self.build + suffix) }
        #expect(ReleaseID("abababababab" + suffix) == nil)
    }
}
