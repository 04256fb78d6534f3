import Values

/// Methods of Python's `int`, the bitwise ones that Ansible allows among them.
enum NumberMethods {
    static func method(_ name: String, _ number: Int) -> Object? {
        let operation: (Int) throws -> Int
        switch name {
        case "__and__": operation = { number & $0 }
        case "__or__": operation = { number | $0 }
        case "__xor__": operation = { number ^ $0 }
        case "__lshift__":
            operation = { shift in
                guard shift >= 0 else { throw TemplateError.type("negative shift count") }
                if number == 0 { return 0 }
                guard shift <= 63, let value = Int(exactly: Int128(number) << Int128(shift)) else {
                    throw Extent.tooLarge
                }
                return value
            }
        case "__rshift__":
            operation = { shift in
                guard shift >= 0 else { throw TemplateError.type("negative shift count") }
                return number >> shift
            }
        case "bit_length":
            return .callable(Callable(name) { _ in .int(Int.bitWidth - number.magnitude.leadingZeroBitCount) })
        default: return nil
        }
        return .callable(
            Callable(name) { arguments in
                guard let other = try MethodCall(arguments).required(0).integer else {
                    throw TemplateError.type("unsupported operand for \(name)")
                }
                return .int(try operation(other))
            })
    }
}

/// Attributes and methods of Python's `datetime`.
enum MomentMethods {
    static func attribute(_ name: String, _ moment: Moment) -> Object? {
        let fields = ["year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "second": "%S"]
        if let field = fields[name] { return .int(Int(DateText.format(field, moment.seconds)) ?? 0) }
        switch name {
        case "strftime":
            return .callable(
                Callable(name) { .string(DateText.format(try MethodCall($0).text(0), moment.seconds)) })
        case "isoformat": return .callable(Callable(name) { _ in .string(moment.isoText) })
        case "timestamp":
            return .callable(Callable(name) { _ in .double(moment.sinceEpoch) })
        case "weekday":
            let day = Int(DateText.format("%u", moment.seconds)) ?? 1
            return .callable(Callable(name) { _ in .int(day - 1) })
        default: return nil
        }
    }
}
