import ArgumentParser

/// Which of `sar`'s reports are wanted, by `sar`'s own flags.
struct SarReports: ParsableArguments {
    @Flag(name: [.customShort("u")], help: "Processors: %user, %system, %iowait and what else they did (default).")
    var processors = false
    @Flag(name: [.customShort("r")], help: "Memory.") var memory = false
    @Flag(name: [.customShort("S")], help: "Swap.") var swap = false
    @Flag(name: [.customShort("W")], help: "Pages that are swapped in and out.") var swapping = false
    @Flag(name: [.customShort("w")], help: "Processes that begin, and context switches.") var tasks = false
    @Flag(name: [.customShort("b")], help: "Transfers of all disks together.") var transfers = false
    @Flag(name: [.customShort("B")], help: "Paging, and file pages that are read again (refaults).") var paging = false
    @Flag(name: [.customShort("q")], help: "Run queue and load.") var queue = false
    @Flag(name: [.customShort("d")], help: "Each disk.") var disks = false
    @Option(
        name: [.customShort("n")], parsing: .singleValue,
        help: ArgumentHelp(
            "Network: \(SarReport.networkWords.joined(separator: ", ")), several behind commas, or ALL.",
            valueName: "words"))
    var network: [String] = []
    @Flag(help: "Who waits for processors, memory and disks (PSI), and what the host's own quota holds back.")
    var pressure = false
    @Flag(name: [.customShort("A")], help: "All of these.") var all = false

    /// What is wanted, in `sar`'s order.
    var chosen: [SarReport] {
        if all { return SarReport.allCases }
        let flags: [(Bool, SarReport)] = [
            (processors, .processors), (memory, .memory), (swap, .swap), (swapping, .swapping), (tasks, .tasks),
            (transfers, .transfers), (paging, .paging), (queue, .queue), (disks, .disks), (pressure, .pressure),
        ]
        let chosen = flags.filter(\.0).map(\.1) + words.compactMap { SarReport(rawValue: "-n \($0)") }
        return chosen.isEmpty ? [.processors] : SarReport.allCases.filter(chosen.contains)
    }

    private var words: [String] {
        let words = network.flatMap { $0.split(separator: ",").map { $0.uppercased() } }
        return words.contains("ALL") ? SarReport.networkWords : words
    }

    func validate() throws {
        for word in words where !SarReport.networkWords.contains(word) {
            throw ValidationError(
                "-n takes \(SarReport.networkWords.joined(separator: ", ")) or ALL, not '\(word)'")
        }
    }
}
