import Dispatch
import Foundation

/// What a local program answered.
enum ProgramAnswer {
    case done(String)
    case failed(status: Int32, lastWords: String)
    case notStarted
    case tooSlow

    /// Runs `program` and waits for its end, at most for `patience`.
    ///
    /// - Parameter mayTalk: Whether it may read standard input and write standard error itself, to ask a person.
    static func of(
        _ program: String, _ arguments: [String], patience: TimeInterval, mayTalk: Bool = false
    ) -> ProgramAnswer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let (output, talk) = (Pipe(), Pipe())
        process.standardOutput = output
        if !mayTalk {
            process.standardError = talk
            process.standardInput = FileHandle.nullDevice
        }
        do { try process.run() } catch { return .notStarted }

        let deadline = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: .now() + patience, execute: deadline)
        let talkReader = mayTalk ? nil : PipeReader(talk)
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let lastWords = talkReader?.text() ?? ""
        process.waitUntilExit()
        let wasCutOff = process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGTERM
        deadline.cancel()
        if wasCutOff { return .tooSlow }
        if process.terminationStatus != 0 {
            let line = lastWords.split(separator: "\n").last.map(String.init) ?? ""
            return .failed(status: process.terminationStatus, lastWords: line)
        }
        return .done(String(decoding: text, as: UTF8.self))
    }
}

/// Reads a pipe to its end on another thread, so that a program which fills it doesn't stop.
private final class PipeReader: Sendable {
    private let group = DispatchGroup()
    private nonisolated(unsafe) var data = Data()
    // Written once before the group is left, read once after it was waited for.

    init(_ pipe: Pipe) {
        let handle = pipe.fileHandleForReading
        DispatchQueue.global().async(group: group) { [self] in data = handle.readDataToEndOfFile() }
    }

    func text() -> String {
        group.wait()
        return String(decoding: data, as: UTF8.self)
    }
}
