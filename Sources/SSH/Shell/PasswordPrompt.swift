import Fleet

/// Stands between sudo or su and the shell's program: hands the password over when it is asked for, once, and lets the
/// program go once the shell runs. A wrong password is never tried twice, as that locks accounts.
struct PasswordPrompt: Sendable {
    /// What is to be done next.
    enum Step: Equatable {
        case wait
        /// Hand over the password.
        case answer
        /// The shell runs: hand over its program.
        case open
        /// Nothing more can come of it.
        case giveUp
    }

    /// What sudo was told to ask with; `nil` for su, which asks in the host's own language.
    let question: String?
    /// What sudo-rs asks with where it does not take another question.
    private static let ownQuestion = "[sudo: authenticate]"
    /// What the shell says first.
    let word: String
    let password: Secret<String>?
    private var hasAnswered = false

    init(question: String?, word: String, password: Secret<String>?) {
        (self.question, self.word, self.password) = (question, word, password)
    }

    /// Decides from all that was said so far.
    mutating func next(output: [UInt8], errors: [UInt8]) -> Step {
        let said = (String(decoding: output, as: UTF8.self), String(decoding: errors, as: UTF8.self))
        if said.0.contains(word) { return .open }
        let questions = questions(said.0) + questions(said.1)
        if hasAnswered { return questions > 1 ? .giveUp : .wait }
        guard questions > 0 else { return .wait }
        hasAnswered = true
        return password == nil ? .giveUp : .answer
    }

    private func questions(_ text: String) -> Int {
        guard let question else { return text.last { !$0.isWhitespace } == ":" ? 1 : 0 }
        let count = { (part: String) in text.split(separator: part, omittingEmptySubsequences: false).count - 1 }
        return max(count(question), count(Self.ownQuestion))
    }

    /// What was said, without the question that only Drover knows.
    func cleaned(_ said: String) -> String {
        guard let question else { return said }
        return said.replacing(question, with: "\n").replacing(Self.ownQuestion, with: "\n")
    }
}
