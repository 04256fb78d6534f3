import Dispatch
import Foundation
import Synchronization

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
        guard let (process, output, talk) = start(program, arguments, mayTalk: mayTalk) else { return .notStarted }

        let outputReader = PipeReader(output)
        let talkReader = mayTalk ? nil : PipeReader(talk)
        // What the program started may outlive it and keep the pipe.
        guard outputReader.ends(within: patience) else {
            process.terminate()
            return .tooSlow
        }
        let deadline = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: .now() + patience, execute: deadline)
        process.waitUntilExit()
        _ = talkReader?.ends(within: 0.5)
        let wasCutOff = process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGTERM
        deadline.cancel()
        if wasCutOff { return .tooSlow }
        if process.terminationStatus != 0 {
            let line = (talkReader?.text ?? "").split(separator: "\n").last.map(String.init) ?? ""
            return .failed(status: process.terminationStatus, lastWords: line)
        }
        return .done(outputReader.text)
    }

    /// How long a program may be open for writing elsewhere.
    private static let busyPatience: Duration = .seconds(5)

    /// A program that was written a moment ago is busy while a process that is being started still has it open.
    private static func start(
        _ program: String, _ arguments: [String], mayTalk: Bool
    ) -> (process: Process, output: Pipe, talk: Pipe)? {
        let end = ContinuousClock.now + busyPatience
        while true {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = arguments
            let (output, talk) = (Pipe(), Pipe())
            process.standardOutput = output
            if !mayTalk {
                process.standardError = talk
                process.standardInput = FileHandle.nullDevice
            }
            do {
                try process.run()
                return (process, output, talk)
            } catch {
                guard (error as NSError).code == Int(ETXTBSY), ContinuousClock.now < end else { return nil }
                usleep(20_000)
            }
        }
    }
}

/// Reads a pipe to its end on another thread, so that a program which fills it doesn't stop.
private final class PipeReader: Sendable {
    private let group = DispatchGroup()
    private let data = Mutex(Data())

    init(_ pipe: Pipe) {
        let handle = pipe.fileHandleForReading
        DispatchQueue.global().async(group: group) { [self] in
            while case let piece = handle.availableData, !piece.isEmpty { data.withLock { $0.append(piece) } }
        }
    }

    /// Waits for the end; `false` when it doesn't come in time.
    func ends(within patience: TimeInterval) -> Bool { group.wait(timeout: .now() + patience) == .success }

    /// What came so far.
    var text: String { String(decoding: data.withLock { $0 }, as: UTF8.self) }
}
