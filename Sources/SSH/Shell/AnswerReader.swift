import Fleet

/// One stream of a shell, cut into the answers of its requests.
struct AnswerReader {
    /// What a stream's bytes came to.
    enum Event: Equatable {
        /// The shell runs: its process, and its session in the host's kernel.
        case started(fields: [Int])
        /// A command ended, and everything it wrote has come.
        case ended(sequence: Int, status: Int32)
    }

    private var scanner: MarkerScanner
    private var sequence: Int?
    /// What the current command has written.
    private(set) var kept: [UInt8] = []
    /// What came before the shell ran: a banner, or why it did not run.
    private(set) var prelude: [UInt8] = []
    private var hasStarted = false
    /// How much a command may write; `isOverfull` says that it wrote more.
    var limit = Int.max
    /// Takes what a command writes in place of `kept`.
    var sink: (([UInt8]) -> Void)?
    private(set) var isOverfull = false
    private static let longestPrelude = 4096

    init(token: String) { scanner = MarkerScanner(token: token) }

    /// Takes what came.
    mutating func feed(_ bytes: UnsafeRawBufferPointer) -> [Event] {
        var events: [Event] = []
        var scanner = scanner
        scanner.feed(bytes) { piece in
            switch piece {
            case .data(let data): keep(data)
            case .marker(let fields): mark(fields.compactMap { Int($0) }, &events)
            }
        }
        self.scanner = scanner
        return events
    }

    /// Gives the current command's bytes, and forgets them.
    mutating func take() -> [UInt8] {
        defer { kept = [] }
        return kept
    }

    /// Keeps what is held back as possible marker, when the stream has ended.
    mutating func finish() {
        var scanner = scanner
        scanner.finish { if case .data(let data) = $0 { keep(data) } }
        self.scanner = scanner
    }

    private mutating func keep(_ data: UnsafeRawBufferPointer) {
        if sequence != nil, let sink {
            sink(Array(data))
        } else if sequence != nil {
            // A next request's limit may be below what is kept already.
            let room = max(0, limit - kept.count)
            kept.append(contentsOf: data.prefix(room))
            if data.count > room { isOverfull = true }
        } else if !hasStarted {
            prelude.append(contentsOf: data.prefix(Self.longestPrelude - prelude.count))
        }
    }

    private mutating func mark(_ fields: [Int], _ events: inout [Event]) {
        guard let number = fields.first else { return }
        if number == 0 {
            hasStarted = true
            events.append(.started(fields: Array(fields.dropFirst())))
        } else if fields.count == 1 {
            sequence = number
            kept = []
            isOverfull = false
        } else if number == sequence {
            sequence = nil
            events.append(.ended(sequence: number, status: Int32(truncatingIfNeeded: fields[1])))
        }
    }
}
