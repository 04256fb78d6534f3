import ArgumentParser
import Fleet
import Insight

extension Drover.AdviseCommand {
    /// `drover advise storage`
    struct Storage: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say where objects of a kind are kept best: database, key-value store or cache, or files.",
            discussion: """
                From how large and how many they are, how often they come, change, go and are read, and what is asked of them. \
                Says which rule decided, what it comes to in bytes, operations, hosts and memory, and what would change the \
                answer. No host is asked. Sizes are bytes, or 4k, 10M, 1G; rates are objects a second.
                """
        )
        .examples(
            "drover advise storage --count 200M --average 300 --reads 2000 --adds 50 --transactions",
            "drover advise storage --count 5M --average 200k --maximum 40M --reads 300 --adds 2 --survives 2",
            "drover advise storage --count 1M --average 2k --reads 9000 --adds 400 --expendable")

        @Option(help: "How many objects there are, or will be: 5M, 200k.", transform: Self.number) var count: Double
        @Option(help: "Their mean size.", transform: Self.size) var average: Double
        @Option(help: "The size of the biggest one (default: the mean).", transform: Self.size) var maximum: Double?
        @Option(help: "Objects a second that are added.", transform: Self.number) var adds = 0.0
        @Option(help: "Objects a second that are changed.", transform: Self.number) var updates = 0.0
        @Option(help: "Objects a second that are deleted.", transform: Self.number) var deletes = 0.0
        @Option(help: "Objects a second that are read.", transform: Self.number) var reads = 0.0
        @Flag(help: "Several change together, or not at all.") var transactions = false
        @Flag(help: "They are asked for by what they have to do with others.") var joins = false
        @Flag(help: "They are asked for by anything but their names.") var search = false
        @Option(help: ArgumentHelp("How many hosts may be lost without loss of objects.", valueName: "hosts"))
        var survives = 1
        @Flag(help: "Any object may be lost: it can be made again.") var expendable = false
        @Option(help: ArgumentHelp("Percent of the bytes that most reads are for.", valueName: "percent")) var hot =
            20.0
        @Option(help: "A host's disk.", transform: Self.size) var disk = 500e9
        @Option(help: "A host's memory.", transform: Self.size) var memory = 16e9
        @Option(help: "How often a second its disk can sync (fsync).", transform: Self.number) var syncs = 115.0
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        /// `5M` is five millions.
        private static func number(_ text: String) throws -> Double {
            guard let number = ScaledNumber.read(text, base: 1000) else {
                throw ValidationError("'\(text)' is no number, such as 1500, 200k or 5M")
            }
            return number
        }

        private static func size(_ text: String) throws -> Double {
            guard let size = ScaledNumber.read(text, base: 1024) else {
                throw ValidationError("'\(text)' is no size, such as 300, 4k, 10M or 1G")
            }
            return size
        }

        func validate() throws {
            guard count > 0 else { throw ValidationError("--count must be more than 0") }
            guard average > 0 else { throw ValidationError("--average must be more than 0") }
            if let maximum, maximum < average { throw ValidationError("--maximum is less than --average") }
            guard (0...100).contains(survives) else { throw ValidationError("--survives is 0 to 100 hosts") }
            guard (0...100).contains(hot) else { throw ValidationError("--hot is 0 to 100 percent") }
            guard disk > 0, memory > 0, syncs > 0 else {
                throw ValidationError("--disk, --memory and --syncs must be more than 0")
            }
            if expendable, survives != 1 { throw ValidationError("--expendable and --survives exclude each other") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let needs = StorageNeeds(
                averageBytes: average, maximumBytes: maximum, count: count, adds: adds, updates: updates,
                deletes: deletes,
                reads: reads, needsTransactions: transactions, needsJoins: joins, needsSearch: search,
                survives: expendable ? nil : survives, hotShare: hot / 100,
                host: StorageHost(diskBytes: disk, memoryBytes: memory, syncs: syncs))
            let answer = StorageAnswer(StorageAdvice(needs))
            switch format.format {
            case .json: seams.terminal.write(json: try EncodedJSON.pretty(answer))
            case .table: for line in answer.lines { seams.terminal.write(wrapping: line, indent: 2) }
            }
            return .done
        }
    }
}

/// A number with a unit that scales it.
enum ScaledNumber {
    /// `1500`, `1.5k`, `10M`, `2G`, `1T`; `nil` for what is none, or less than nothing.
    static func read(_ text: String, base: Double) -> Double? {
        let powers: [Character: Double] = ["k": 1, "m": 2, "g": 3, "t": 4]
        let unit = text.last.flatMap { powers[Character($0.lowercased())] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard let first = digits.first, first.isASCII, first.isNumber || first == ".", let number = Double(digits)
        else {
            return nil
        }
        var scaled = number
        for _ in 0..<Int(unit ?? 0) { scaled *= base }
        return scaled.isFinite ? scaled : nil
    }
}
