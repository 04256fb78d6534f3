import Fleet
import Rollouts

/// What an answer has to be for `drover init`, whether it was typed or given by a flag.
enum StarterAnswers {
    /// A shape of a service.
    static func shape(_ text: String) throws(InputError) -> StarterService.Shape {
        try choice(text, of: "--shape")
    }

    /// Which files of continuous integration are wanted.
    static func pipeline(_ text: String) throws(InputError) -> StarterService.Pipeline {
        try choice(text, of: "--pipeline")
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ text: String, of flag: String
    ) throws(InputError) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue)
            throw InputError(
                "\(flag) takes \(names.dropLast().joined(separator: ", ")) or \(names.last ?? ""), not '\(text)'",
                hints: NearestNames.hints(for: text, among: names))
        }
        return choice
    }

    /// The service's name: it names a user, a unit and a backend as well.
    static func name(_ text: String) throws(InputError) -> String {
        guard text.utf8.count <= 31, let first = text.utf8.first, letters.contains(first),
            text.utf8.allSatisfy({ letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "-") })
        else {
            throw InputError(
                "'\(text)' cannot name a service",
                hints: [
                    "use small letters, digits and '-', a letter first, at most 31: it names a user of the hosts as well"
                ])
        }
        guard !taken.contains(text), !words.contains(text) else {
            throw InputError("'\(text)' is a name that hosts have for something else", hints: ["call it otherwise"])
        }
        return text
    }

    /// A name that may be usual for a service in the folder `folder`.
    static func usualName(in folder: String) -> String {
        let plain = folder.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let name = String(String(plain).drop { !$0.isLetter }.prefix(31))
        // A folder may be called anything.
        return (try? Self.name(name)) ?? "service"
    }

    /// A TCP port.
    static func port(_ text: String) throws(InputError) -> Int {
        guard let port = Int(text), (1...65535).contains(port) else {
            throw InputError("'\(text)' is no port", hints: ["a port is a number from 1 to 65535"])
        }
        return port
    }

    /// A path that balancers ask for.
    static func health(_ text: String) throws(InputError) -> String {
        guard text.hasPrefix("/"), text.utf8.allSatisfy({ isPlain($0) || "/?=&%~+".utf8.contains($0) }) else {
            throw InputError("'\(text)' is no path of a URL", hints: ["begin with a slash, such as /healthz"])
        }
        return text
    }

    /// Stages, in the order that a build takes.
    static func stages(_ text: String) throws(InputError) -> [String] {
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for name in names {
            guard let first = name.utf8.first, letters.contains(first), name.utf8.count <= 64,
                name.utf8.allSatisfy({ isPlain($0) && $0 != UInt8(ascii: ".") })
            else {
                throw InputError(
                    "'\(name)' cannot name a stage",
                    hints: ["use small letters, digits, '_' and '-', such as production"])
            }
            guard !words.contains(name), !["all", "check", "lb", "ap", "group_vars"].contains(name) else {
                throw InputError(
                    "'\(name)' names something else in an inventory or a pipeline", hints: ["call it otherwise"])
            }
        }
        guard Set(names).count == names.count, names.count <= 9 else {
            throw InputError(
                "stages are named once each, and are at most 9", hints: ["such as: --stages staging,production"])
        }
        return names
    }

    /// Addresses, separated by commas or blanks.
    static func addresses(_ text: String) throws(InputError) -> [String] {
        let addresses = text.split { $0 == "," || $0 == " " }.map(String.init)
        for address in addresses {
            guard address.utf8.allSatisfy({ isPlain($0) || $0 == UInt8(ascii: ":") }), !address.hasPrefix("-") else {
                throw InputError(
                    "'\(address)' is no address of a host", hints: ["an IP address or a name, such as 192.0.2.10"])
            }
        }
        return addresses
    }

    /// A user who logs in.
    static func user(_ text: String) throws(InputError) -> String {
        guard let first = text.utf8.first, letters.contains(first) || first == UInt8(ascii: "_"),
            text.utf8.allSatisfy(isPlain)
        else {
            throw InputError("'\(text)' is no name of a user", hints: ["such as root, or deploy"])
        }
        return text
    }

    /// The first two numbers of a lab's addresses.
    static func network(_ text: String) throws(InputError) -> String {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 2, parts.allSatisfy({ $0 != nil }) else {
            throw InputError(
                "'\(text)' is no beginning of an address",
                hints: ["two numbers that no network of this machine begins with, such as 10.92"])
        }
        return text
    }

    private static let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    /// Users and units that Debian has, and groups of the inventory.
    private static let taken: Set<String> = [
        "root", "daemon", "bin", "sys", "mail", "nginx", "haproxy", "sshd", "systemd", "ssh", "cron", "dbus", "all",
        "lb", "ap",
        "drover", "www-data", "nobody", "backup", "staff", "games", "man", "lp", "news", "proxy", "list", "irc", "sudo",
        "adm",
    ]

    /// Words that YAML has for something else.
    private static let words: Set<String> = ["yes", "no", "on", "off", "true", "false", "null", "y", "n"]

    private static func isPlain(_ byte: UInt8) -> Bool {
        letters.contains(byte) || digits.contains(byte) || "._-".utf8.contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
