public import Fleet

/// One POSIX shell script that asks many probes at once, and reads the answers.
///
/// Output is a sequence of sections in the order of the script. A section is a sequence of records, each ended by a
/// NUL byte; an empty record ends the section. No file name, account or unit name can hold a NUL byte, and contents
/// travel as base64, so nothing that a host holds can be mistaken for framing.
public struct ProbeScript: Sendable {
    private let questions: ProbeQuestions
    private let sections: [any ProbeSection]

    /// What the shell runs. Needs dash or any POSIX shell and coreutils; reads nothing on standard input.
    public let shellLine: String

    /// A script for `probes`; the same probe asked twice is asked once.
    ///
    /// Hosts that are asked with the same script share what it holds.
    public init(_ probes: [Probe]) {
        questions = ProbeQuestions(probes)
        sections = ProbeBatch(questions.probes).sections
        shellLine = Self.shellLine(sections)
    }

    private static func shellLine(_ sections: [any ProbeSection]) -> String {
        var lines = ["exec </dev/null 2>/dev/null", "o=$PATH; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin"]
        lines += sections.flatMap { $0.lines + [#"printf '\0'"#] }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads what the script wrote.
    /// - Throws: ``ProbeError`` when the output is not what the script writes, because the shell ended early or
    ///   something else wrote to standard output.
    public func answers(in output: [UInt8]) throws(ProbeError) -> ProbeAnswers {
        var rest = output[...]
        var answers = ProbeAnswers(to: questions)
        for section in sections {
            guard let records = Self.takeSection(&rest) else {
                throw ProbeError("the host's answer ends before its '\(section.name)' section")
            }
            do {
                try section.read(records, into: &answers)
            } catch {
                throw ProbeError("the host's answer has a wrong '\(section.name)' section: \(error.message)")
            }
        }
        guard rest.isEmpty else { throw ProbeError("the host's answer has \(rest.count) bytes too many") }
        return answers
    }

    private static func takeSection(_ rest: inout ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        var records: [ArraySlice<UInt8>] = []
        while let end = rest.firstIndex(of: 0) {
            let record = rest[rest.startIndex..<end]
            rest = rest[(end + 1)...]
            if record.isEmpty { return records }
            records.append(record)
        }
        return nil
    }
}

/// A host's answer to probes that could not be read.
public struct ProbeError: ExplainedError, Equatable {
    /// One lower-case sentence.
    public var message: String
    /// What to do about it.
    public var hints: [String] {
        ["a login script that writes to standard output, or a shell that is not POSIX, can cause this"]
    }
    /// Always that of an answer that is none.
    public var code: TransportError.Code { .badAnswer }
    /// Nothing; the caller knows the host.
    public var place: ErrorPlace { .unknown }

    /// An error saying `message`.
    public init(_ message: String) { self.message = message }
}

/// The part of a script that asks probes of one kind.
protocol ProbeSection: Sendable {
    /// For messages.
    var name: String { get }
    /// Shell lines that write the section's records.
    var lines: [String] { get }
    /// Turns the records into answers, one for each probe asked.
    func read(_ records: [ArraySlice<UInt8>], into answers: inout ProbeAnswers) throws(ProbeError)
}

/// A section of one record: the output of a command that writes text.
protocol TextSection: ProbeSection {
    /// Shell lines that write the text.
    var textLines: [String] { get }
    /// Turns the text into answers.
    func read(_ text: String, into answers: inout ProbeAnswers)
}

extension TextSection {
    var lines: [String] { ["printf ="] + textLines + [#"printf '\0'"#] }

    func read(_ records: [ArraySlice<UInt8>], into answers: inout ProbeAnswers) throws(ProbeError) {
        guard records.count == 1, let record = records.first else {
            throw ProbeError("\(records.count) records instead of 1")
        }
        read(String(decoding: record.dropFirst(), as: UTF8.self), into: &answers)
    }
}

/// Words quoted for the shell, with a space between.
func shellWords(_ words: [String]) -> String { words.map(RemoteCommand.quote).joined(separator: " ") }

extension String {
    /// Quoted for the shell.
    var quoted: String { RemoteCommand.quote(self) }
}
