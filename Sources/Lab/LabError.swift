public import Fleet
import Foundation

/// Why a lab could not be made, changed or taken away.
public struct LabError: ExplainedError, Equatable {
    /// What kind of failure it is.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String { case notRoot, toolMissing, toolFailed, networkTaken, notUp, noAnswer, stuck }
        private let kind: Kind
        private init(_ kind: Kind) { self.kind = kind }

        /// Only root can make a lab.
        public static let notRoot = Self(.notRoot)
        /// A program that the lab needs is not installed.
        public static let toolMissing = Self(.toolMissing)
        /// A program that the lab needs failed.
        public static let toolFailed = Self(.toolFailed)
        /// The lab's network, or the port of its package cache, is already in use on this machine.
        public static let networkTaken = Self(.networkTaken)
        /// The lab, or the host in it, is not there.
        public static let notUp = Self(.notUp)
        /// A host did not answer in time.
        public static let noAnswer = Self(.noAnswer)
        /// Something would not end, or a file could not be written.
        public static let stuck = Self(.stuck)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// What kind of failure it is.
    public let code: Code
    /// The host it is about, if it is about one.
    public let subject: String?
    /// One lower-case sentence.
    public let message: String
    /// What to do about it.
    public let hints: [String]

    /// A failure of `code`.
    public init(_ code: Code, host: HostName? = nil, _ message: String, hints: [String] = []) {
        self.code = code
        subject = host?.description
        self.message = message
        self.hints = hints
    }

    /// The same error, about `host` unless it is about another.
    func about(_ host: HostName) -> Self {
        subject == nil ? Self(code, host: host, message, hints: hints) : self
    }

    static let installHint = "install what is missing with scripts/bootstrap"

    static func fileFailed(_ path: String, _ error: any Error) -> Self {
        Self(.stuck, "could not write \(path): \(error.localizedDescription)")
    }
}
