public import ArgumentParser
import Fleet
public import Lab
import Values

/// The host variable `lab_release`.
enum LabReleaseVariable {
    static let name = "lab_release"

    /// The release that `value`, the host's evaluated variable, asks for; `nil` when it says nothing.
    /// - Throws: ``InputError`` when it is none that a lab boots.
    static func release(_ value: Value?, of host: HostName) throws(InputError) -> LabRelease? {
        switch value {
        case nil, .null?: return nil
        case .string(let text)?: return try LabRelease(text, of: host)
        case .int(let number)?: return try LabRelease(String(number), of: host)
        default:
            throw InputError(
                "lab_release of host '\(host)' is neither a number nor a name", hints: [LabRelease.example])
        }
    }
}

extension LabRelease: ExpressibleByArgument {
    /// Reads a number or a name.
    public init?(argument: String) { self.init(argument) }

    /// The numbers, for help and completion.
    public static var allValueStrings: [String] { allCases.map(\.rawValue) }
}
