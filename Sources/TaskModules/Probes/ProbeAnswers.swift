/// What one host answered to probes that were asked together.
///
/// Many hosts are asked the same: they share the list of questions, and each has its answers alone.
public struct ProbeAnswers: Sendable {
    private let questions: ProbeQuestions
    private var answers: [Answer?]

    /// No answers yet to these questions.
    init(to questions: ProbeQuestions) {
        self.questions = questions
        answers = Array(repeating: nil, count: questions.probes.count)
    }

    /// These answers.
    public init(_ answers: [Probe: Answer]) {
        self.init(to: ProbeQuestions(Array(answers.keys)))
        for (probe, answer) in answers { self[probe] = answer }
    }

    /// The answer to `probe`, `nil` when there is none; what was not asked is not kept.
    public internal(set) subscript(probe: Probe) -> Answer? {
        get { questions.position(of: probe).flatMap { answers[$0] } }
        set {
            if let position = questions.position(of: probe) { answers[position] = newValue }
        }
    }

    /// What was asked and is known.
    public var pairs: [(probe: Probe, answer: Answer)] {
        zip(questions.probes, answers).compactMap { probe, answer in answer.map { (probe, $0) } }
    }

    /// Whether nothing is known.
    var isEmpty: Bool { answers.allSatisfy { $0 == nil } }

    /// Forgets answers to some questions.
    mutating func forget(_ isStale: (Probe) -> Bool) {
        for (position, probe) in questions.probes.enumerated() where answers[position] != nil && isStale(probe) {
            answers[position] = nil
        }
    }
}

/// Probes that are asked together, each once.
final class ProbeQuestions: Sendable {
    let probes: [Probe]
    private let positions: [Probe: Int]

    init(_ probes: [Probe]) {
        var positions: [Probe: Int] = [:]
        var unique: [Probe] = []
        for probe in probes where positions[probe] == nil {
            positions[probe] = unique.count
            unique.append(probe)
        }
        (self.probes, self.positions) = (unique, positions)
    }

    func position(of probe: Probe) -> Int? { positions[probe] }
}
