public import Fleet
import Foundation

/// Why a lab could not be made, changed or taken away.
public struct LabError: ExplainedError, Equatable {
    /// What kind of failure it is.
    public struct Code: ErrorCode {
        /// The code's name.
        public let rawValue: String
        /// The code of that name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Only root can make a lab.
        public static let notRoot = Self(rawValue: "notRoot")
        /// A program that the lab needs is not installed.
        public static let toolMissing = Self(rawValue: "toolMissing")
        /// A program that the lab needs failed.
        public static let toolFailed = Self(rawValue: "toolFailed")
        /// The lab's network, or the port of its package cache, is already in use on this machine.
        public static let networkTaken = Self(rawValue: "networkTaken")
        /// The lab, or the host in it, is not there.
        public static let notUp = Self(rawValue: "notUp")
        /// A host did not answer in time.
        public static let noAnswer = Self(rawValue: "noAnswer")
        /// Something would not end, or a file could not be written.
        public static let stuck = Self(rawValue: "stuck")
    }

    /// What kind of failure it is.
    public let code: Code
    /// The host it is about, if it is about one.
    public let place: ErrorPlace
    /// One lower-case sentence.
    public let message: String
    /// What to do about it.
    public let hints: [String]

    /// A failure of `code`.
    public init(_ code: Code, host: HostName? = nil, _ message: String, hints: [String] = []) {
        self.code = code
        place = ErrorPlace(host: host)
        self.message = message
        self.hints = hints
    }

    /// The same error, about `host` unless it is about another.
    func about(_ host: HostName) -> Self {
        place.host == nil ? Self(code, host: host, message, hints: hints) : self
    }

    static let installHint = "install what is missing with scripts/bootstrap"

    static func fileFailed(_ path: String, _ error: any Error) -> Self {
        Self(.stuck, "could not write \(path): \(error.localizedDescription)")
    }
}
