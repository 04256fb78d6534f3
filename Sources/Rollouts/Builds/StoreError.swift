public import Fleet
import Foundation

/// A store of builds does not give or take what it should.
public struct StoreError: ExplainedError, Hashable {
    /// What kind of failure it is; callers decide by this, never by the text.
    public struct Code: ErrorCode {
        /// The code's name.
        public let rawValue: String
        /// The code of that name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The store on this machine cannot be written to.
        public static let unwritable = Self(rawValue: "unwritable")
        /// The shared store cannot be reached, or its folder is not there.
        public static let away = Self(rawValue: "away")
        /// The shared store did not do what it was asked: no rights, no room.
        public static let refused = Self(rawValue: "refused")
        /// What lies in the shared store under a digest is something else.
        public static let damagedBuild = Self(rawValue: "damagedBuild")
        /// Nobody knows what some stage runs, so that nothing may be removed.
        public static let unknownUse = Self(rawValue: "unknownUse")
    }

    /// What kind of failure it is.
    public let code: Code
    /// The store's folder.
    private let folder: String
    /// One lower-case sentence.
    public let message: String
    /// What to do about it.
    public let hints: [String]

    /// A failure of the store in `folder`.
    public init(_ code: Code, _ folder: String, _ message: String, hints: [String] = []) {
        (self.code, self.folder, self.message, self.hints) = (code, folder, message, hints)
    }

    init(folder: String, cause: any Error) { self.init(folder: folder, reason: Self.reason(cause)) }

    init(folder: String, _ number: Int32) { self.init(folder: folder, reason: String(cString: strerror(number))) }

    private init(folder: String, reason: String) {
        self.init(
            .unwritable, folder, "the build cannot be put into the store: \(reason)",
            hints: ["see whether its disk is full: df -h \(folder)"])
    }

    init(removingFrom folder: String, reason: String) {
        self.init(
            .unwritable, folder, "the build cannot be removed from the store: \(reason)",
            hints: ["see whether the folder is yours and writable: ls -ld \(folder)"])
    }

    /// The store's folder.
    public var place: ErrorPlace { ErrorPlace(name: folder) }

    private static func reason(_ cause: any Error) -> String {
        let error = cause as NSError
        let inner = error.userInfo[NSUnderlyingErrorKey] as? NSError
        guard let system = [error, inner].compactMap({ $0 }).first(where: { $0.domain == NSPOSIXErrorDomain }) else {
            return error.localizedDescription
        }
        return String(cString: strerror(Int32(truncatingIfNeeded: system.code)))
    }
}
