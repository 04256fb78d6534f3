import Fleet
import OrderedCollections
import Synchronization
import Templating
import Values

/// What an evaluation asked of a host's variables, so that it need not be repeated for a host that answers the same.
struct ScopeReads: Sendable {
    /// What can be asked.
    enum Question: Hashable, Sendable {
        /// A variable.
        case variable(String)
        /// A fact, named without `ansible_`.
        case fact(String)
    }

    /// What is answered. Templates are as written: what they ask in turn is another question.
    enum Reply: Sendable {
        case nothing
        case value(Value)
        /// `vars` or `ansible_facts`: what is asked of them is another question.
        case mapping
    }

    private var replies: [Question: Reply] = [:]

    /// Notes a reply.
    mutating func note(_ question: Question, _ reply: Reply) { replies[question] = reply }

    /// Whether a scope answers everything in the same way. One that has no answer yet does not.
    func hold(in scope: TaskScope) -> Bool {
        replies.allSatisfy { question, reply in
            // Why there is none is told to who evaluates for itself.
            guard let own = try? scope.reply(to: question) else { return false }
            return own.isSame(as: reply)
        }
    }
}

extension ScopeReads.Reply {
    init(_ binding: Binding?) {
        switch binding {
        case nil: self = .nothing
        case .value(let value)?: self = .value(value)
        case .mapping?: self = .mapping
        }
    }

    fileprivate func isSame(as other: Self) -> Bool {
        switch (self, other) {
        case (.nothing, .nothing), (.mapping, .mapping): true
        case (.value(let left), .value(let right)): left.isSame(as: right)
        default: false
        }
    }
}

/// Hears what an evaluation asks.
final class ScopeRecorder: Sendable {
    private struct State {
        var reads = ScopeReads()
        var isAlone = false
    }

    private let state = Mutex(State())

    /// What was asked; `nil` when a host that answers the same may still come to something else.
    var reads: ScopeReads? { state.withLock { $0.isAlone ? nil : $0.reads } }

    /// A question and what it was answered.
    func note(_ question: ScopeReads.Question, _ reply: ScopeReads.Reply) {
        state.withLock { $0.reads.note(question, reply) }
    }

    /// The evaluation used what is no variable of its host: the clock, chance, a lookup, another host.
    func noteOutside() { state.withLock { $0.isAlone = true } }
}

extension Value {
    /// Whether two values are the same to the byte. `==` takes texts for equal that Unicode calls equivalent, and -0 for 0.
    func isSame(as other: Value) -> Bool {
        switch (self, other) {
        case (.string(let left), .string(let right)): left.isSame(as: right)
        case (.template(let left), .template(let right)):
            left.text.isSame(as: right.text) && (left.vault == nil) == (right.vault == nil)
        case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
        case (.list(let left), .list(let right)): left.isSame(as: right)
        case (.map(let left), .map(let right)):
            left.keys.elements.isSame(as: right.keys.elements)
                && left.values.elements.isSame(as: right.values.elements)
        default: self == other
        }
    }
}

extension [Value] {
    /// Whether all elements are the same; what two hosts share is not compared.
    fileprivate func isSame(as other: [Value]) -> Bool {
        guard count == other.count else { return false }
        let isShared = withUnsafeBufferPointer { own in
            other.withUnsafeBufferPointer { own.baseAddress == $0.baseAddress }
        }
        return isShared || zip(self, other).allSatisfy { $0.isSame(as: $1) }
    }
}

extension String {
    fileprivate func isSame(as other: String) -> Bool { self == other && utf8.elementsEqual(other.utf8) }
}
