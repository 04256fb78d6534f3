import Fleet
import Values

/// Permission bits as a task asks for them.
enum FileMode: Sendable, Equatable {
    /// These bits.
    case exact(UInt16)
    /// Bits set and cleared, such as `u=rw,g+r`.
    case symbolic([Clause])
    /// Those of the local source file.
    case preserve

    /// One part of a symbolic mode, such as `go-w`.
    struct Clause: Sendable, Equatable {
        var users: String
        /// No users were named: all are meant, but bits of the umask are left alone.
        var heedsUmask: Bool
        var operations: [Operation]
    }

    /// What is done with some of the permissions: `=`, `+` or `-`.
    struct Operation: Sendable, Equatable {
        var sign: Character
        var permissions: String
    }

    /// Reads a mode. A YAML number is the bits themselves (`0644` is 420); text is octal, symbolic or `preserve`.
    /// - Throws: ``InputError`` when it is none of these.
    init(_ value: Value) throws(InputError) {
        switch value {
        case .int(let bits):
            guard (0...0o7777).contains(bits) else {
                throw InputError(
                    "mode \(bits) is out of range",
                    hints: ["write it as an octal number in quotes, such as \"0644\""])
            }
            self = .exact(UInt16(bits))
        case .string, .template: try self.init(text: (value.text ?? "").stripped)
        default: throw InputError("a mode must be an octal number in quotes, such as \"0644\", or symbolic")
        }
    }

    private init(text: String) throws(InputError) {
        if text == "preserve" {
            self = .preserve
        } else if let bits = UInt16(text.hasPrefix("0o") ? String(text.dropFirst(2)) : text, radix: 8), bits <= 0o7777 {
            self = .exact(bits)
        } else {
            var clauses: [Clause] = []
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let clause = Self.clause(part) else {
                    throw InputError(
                        "'\(text)' is not a mode",
                        hints: ["write it as an octal number in quotes, such as \"0644\", or as u=rw,g=r,o="])
                }
                clauses.append(clause)
            }
            self = .symbolic(clauses)
        }
    }

    private static func clause(_ text: Substring) -> Clause? {
        let users = String(text.prefix { !"=+-".contains($0) })
        guard users == "a" || users.allSatisfy({ "ugo".contains($0) }) else { return nil }
        var rest = text.dropFirst(users.count)
        var operations: [Operation] = []
        while let sign = rest.first {
            let permissions = rest.dropFirst().prefix { !"=+-".contains($0) }
            guard permissions.allSatisfy({ "rwxXstugo".contains($0) }) else { return nil }
            operations.append(Operation(sign: sign, permissions: String(permissions)))
            rest = rest.dropFirst(1 + permissions.count)
        }
        guard !operations.isEmpty else { return nil }
        return Clause(
            users: users.isEmpty || users == "a" ? "ugo" : users, heedsUmask: users.isEmpty, operations: operations)
    }

    /// Whether the bits that result depend on those that are there.
    var isRelative: Bool { if case .exact = self { false } else { true } }

    /// The bits that result for a path that has `current`, worked out as Ansible does.
    func bits(from current: UInt16, isDirectory: Bool, umask: UInt16 = 0o22) -> UInt16 {
        switch self {
        case .exact(let bits): return bits
        case .preserve: return current
        case .symbolic(let clauses):
            var mode = current
            for clause in clauses {
                let allowed = clause.heedsUmask ? ~umask : 0o7777
                for operation in clause.operations {
                    for user in clause.users {
                        mode = Self.apply(operation, user, to: mode, isDirectory, allowed)
                    }
                }
            }
            return mode
        }
    }

    private static func apply(
        _ operation: Operation, _ user: Character, to mode: UInt16, _ isDirectory: Bool, _ allowed: UInt16
    ) -> UInt16 {
        let shift: UInt16 = user == "u" ? 6 : user == "g" ? 3 : 0
        let bits = operation.permissions.reduce(UInt16(0)) { bits, letter in
            bits | (Self.triplet(letter, mode, isDirectory) << shift & ("rwx".contains(letter) ? allowed : 0o777))
                | special(letter, user)
        }
        switch operation.sign {
        case "+": return mode | bits
        case "-": return mode & ~bits
        default: return mode & ~(7 << shift | (user == "u" ? 0o4000 : user == "g" ? 0o2000 : 0o1000)) | bits
        }
    }

    /// Read, write and execute bits that a letter stands for.
    private static func triplet(_ letter: Character, _ mode: UInt16, _ isDirectory: Bool) -> UInt16 {
        switch letter {
        case "r": 4
        case "w": 2
        case "x": 1
        case "X": isDirectory || mode & 0o111 != 0 ? 1 : 0
        case "u": mode >> 6 & 7
        case "g": mode >> 3 & 7
        case "o": mode & 7
        default: 0
        }
    }

    private static func special(_ letter: Character, _ user: Character) -> UInt16 {
        switch (letter, user) {
        case ("s", "u"): 0o4000
        case ("s", "g"): 0o2000
        case ("t", "o"): 0o1000
        default: 0
        }
    }

    /// Four octal digits, as Ansible's results have them.
    static func text(_ bits: UInt16) -> String {
        let digits = String(bits, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
