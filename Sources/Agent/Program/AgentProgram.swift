import Glibc
import Sampling

/// The program `drover-agent`: its commands, what they print, and how it ends.
public enum AgentProgram {
    /// Runs it; the exit status.
    public static func run(_ arguments: [String]) -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        var options = AgentOptions()
        if let problem = options.parse(arguments) {
            complain("\(problem)\nhint: 'drover-agent --help' shows the commands")
            return EX_USAGE
        }
        switch options.command {
        case .help: return output(AgentOptions.help) ? 0 : 1
        case .version: return output("drover-agent \(ProgramVersion.text)\n") ? 0 : 1
        case .sample: return sample(options)
        case .rehearse: return rehearse(options)
        case .history, .run, .checkConfiguration: return configured(options)
        }
    }

    private static func configured(_ options: AgentOptions) -> Int32 {
        let configuration: AgentConfiguration
        do throws(ConfigurationError) {
            configuration = try AgentConfiguration(path: options.configuration, isNeeded: options.namesConfiguration)
        } catch {
            complain("\(error)")
            return EX_CONFIG
        }
        switch options.command {
        case .history: return history(options, configuration)
        case .run: return serve(configuration)
        default: return output("\(options.configuration): fine\n") ? 0 : 1
        }
    }

    private static func serve(_ configuration: AgentConfiguration) -> Int32 {
        do throws(SystemError) {
            let service = try AgentService(configuration) { write($0 + "\n", to: STDERR_FILENO) }
            try service.run()
            return 0
        } catch {
            complain("\(error)")
            return 1
        }
    }

    private static func history(_ options: AgentOptions, _ configuration: AgentConfiguration) -> Int32 {
        let samples = HistoryFolder.samples(
            path: configuration.history, from: options.from ?? 0, to: options.to ?? Int64.max)
        guard output(HistoryText.head) else { return 1 }
        for sample in Sample.grouped(samples, by: options.step ?? 1) where !output(HistoryText.lines(of: sample)) {
            return 1
        }
        return 0
    }

    /// Live: a sample an interval, until the count or the reader's end.
    private static func sample(_ options: AgentOptions) -> Int32 {
        let reader = HostReader(source: options.source)
        guard var before = reader.read() else {
            complain("/proc/uptime and /proc/stat are not to be read here")
            return 1
        }
        guard output(HistoryText.head) else { return 1 }
        var left = options.count ?? Int.max
        while left > 0 {
            Glibc.sleep(UInt32(clamping: options.interval))
            guard let now = reader.read(), let sample = Sample(from: before, to: now) else { continue }
            before = now
            left -= 1
            guard output(HistoryText.lines(of: sample)) else { return 0 }
        }
        return 0
    }

    /// Seconds that were never lived, one after another, behind those that the folder holds.
    private static func rehearse(_ options: AgentOptions) -> Int32 {
        do throws(SystemError) {
            let path = options.folder ?? "."
            let last = HistoryFolder.samples(path: path, from: 0, to: .max).last?.time
            let folder = try HistoryFolder(path: path)
            guard output("writing\n") else { return 0 }
            var sample = Sample(time: last ?? 1_800_000_000, interval: 1)
            for turn in 0..<(options.count ?? Int.max) {
                sample.time &+= 1
                sample[.user] = Double(turn % 100)
                try folder.take(sample)
            }
            return 0
        } catch {
            complain("\(error)")
            return 1
        }
    }

    private static func complain(_ text: String) { write("error: \(text)\n", to: STDERR_FILENO) }

    private static func output(_ text: String) -> Bool { write(text, to: STDOUT_FILENO) }

    /// Whether all of it was taken.
    @discardableResult private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
