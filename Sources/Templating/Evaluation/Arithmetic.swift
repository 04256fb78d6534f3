import Glibc

/// Python's arithmetic. Whole numbers that leave 64 bits are an error: Drover has no larger ones.
enum Arithmetic {
    static func apply(_ operation: ArithmeticOperator, _ left: Object, _ right: Object) throws -> Object {
        let left = try left.needed()
        let right = try right.needed()
        if let result = try numbers(operation, left, right) ?? sequences(operation, left, right) { return result }
        if operation == .add, case .string = left {
            throw TemplateError.type("can only concatenate str (not \"\(right.typeName)\") to str")
        }
        throw TemplateError.type(
            "unsupported operand types for \(operation.rawValue): '\(left.typeName)' and '\(right.typeName)'")
    }

    static func negative(_ object: Object) throws -> Object {
        let object = try object.needed()
        if let value = object.integer { return .int(try checked(value.multipliedReportingOverflow(by: -1))) }
        if let value = object.number { return .double(-value) }
        throw TemplateError.type("bad operand type for unary -: '\(object.typeName)'")
    }

    static func positive(_ object: Object) throws -> Object {
        let object = try object.needed()
        if let value = object.integer { return .int(value) }
        if case .double = object { return object }
        throw TemplateError.type("bad operand type for unary +: '\(object.typeName)'")
    }

    // MARK: Numbers

    private static func numbers(_ operation: ArithmeticOperator, _ left: Object, _ right: Object) throws -> Object? {
        if let first = left.integer, let second = right.integer { return try integers(operation, first, second) }
        if let first = left.number, let second = right.number { return try doubles(operation, first, second) }
        return nil
    }

    private static func checked(_ result: (partialValue: Int, overflow: Bool)) throws -> Int {
        guard !result.overflow else { throw Extent.tooLarge }
        return result.partialValue
    }

    private static func integers(_ operation: ArithmeticOperator, _ left: Int, _ right: Int) throws -> Object {
        switch operation {
        case .add: return .int(try checked(left.addingReportingOverflow(right)))
        case .subtract: return .int(try checked(left.subtractingReportingOverflow(right)))
        case .multiply: return .int(try checked(left.multipliedReportingOverflow(by: right)))
        case .divide:
            guard right != 0 else { throw TemplateError.type("division by zero") }
            return .double(Double(left) / Double(right))
        case .floorDivide, .modulo:
            guard right != 0 else { throw TemplateError.type("integer division or modulo by zero") }
            if right == -1, operation == .modulo { return .int(0) }
            let quotient = try checked(left.dividedReportingOverflow(by: right))
            let remainder = left - quotient * right
            let isDown = remainder != 0 && (remainder < 0) != (right < 0)
            return .int(operation == .modulo ? (isDown ? remainder + right : remainder) : quotient - (isDown ? 1 : 0))
        case .power: return try power(left, right)
        }
    }

    private static func power(_ base: Int, _ exponent: Int) throws -> Object {
        guard exponent >= 0 else {
            guard base != 0 else { throw TemplateError.type("0 cannot be raised to a negative power") }
            return .double(pow(Double(base), Double(exponent)))
        }
        var result = 1
        var factor = base
        var left = exponent
        while left > 0 {
            if left & 1 == 1 { result = try checked(result.multipliedReportingOverflow(by: factor)) }
            left >>= 1
            if left > 0 { factor = try checked(factor.multipliedReportingOverflow(by: factor)) }
        }
        return .int(result)
    }

    private static func doubles(_ operation: ArithmeticOperator, _ left: Double, _ right: Double) throws -> Object {
        switch operation {
        case .add: return .double(left + right)
        case .subtract: return .double(left - right)
        case .multiply: return .double(left * right)
        case .divide:
            guard right != 0 else { throw TemplateError.type("float division by zero") }
            return .double(left / right)
        case .floorDivide:
            guard right != 0 else { throw TemplateError.type("float floor division by zero") }
            return .double((left / right).rounded(.down))
        case .modulo:
            guard right != 0 else { throw TemplateError.type("float modulo") }
            let remainder = fmod(left, right)
            if right.isInfinite, left.isFinite { return .double((left < 0) != (right < 0) && left != 0 ? right : left) }
            return .double(remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder)
        case .power:
            guard left >= 0 || right == right.rounded() || left.isNaN || right.isNaN else {
                throw TemplateError.type("the power is no real number")
            }
            guard left != 0 || right >= 0 || right.isNaN else {
                throw TemplateError.type("0.0 cannot be raised to a negative power")
            }
            let power = pow(left, right)
            guard power.isFinite || !left.isFinite || !right.isFinite else {
                throw TemplateError.type("numerical result out of range")
            }
            return .double(power)
        }
    }

    // MARK: Sequences

    private static func sequences(_ operation: ArithmeticOperator, _ left: Object, _ right: Object) throws -> Object? {
        switch (operation, left, right) {
        case (.add, .string(let first), .string(let second)): .string(try joined(first, second))
        case (.add, .list(let first), .list(let second)):
            .list(ListObject(slots: try joined(first.slots, second.slots)))
        case (.add, .tuple(let first), .tuple(let second)): .tuple(try joined(first.items, second.items))
        case (.subtract, .moment(let first), .moment(let second)):
            .interval(Interval(seconds: first.seconds - second.seconds))
        case (.subtract, .moment(let moment), .interval(let interval)):
            .moment(try self.moment(moment, at: moment.seconds - interval.seconds))
        case (.add, .moment(let moment), .interval(let interval)), (.add, .interval(let interval), .moment(let moment)):
            .moment(try self.moment(moment, at: moment.seconds + interval.seconds))
        case (.modulo, .string(let format), _): .string(try PercentFormatting.apply(format, right))
        case (.multiply, _, _):
            if let count = right.integer {
                try repeated(left, count)
            } else if let count = left.integer {
                try repeated(right, count)
            } else {
                nil
            }
        default: nil
        }
    }

    /// From the beginning of the year 1 to the end of 9999, as Python's dates go.
    private static func moment(_ moment: Moment, at seconds: Double) throws -> Moment {
        guard (-62_135_596_800..<253_402_300_800).contains(seconds) else {
            throw TemplateError.type("date value out of range")
        }
        return Moment(seconds: seconds, zone: moment.zone)
    }

    private static func joined(_ first: String, _ second: String) throws -> String {
        try Extent.check(text: first.utf8.count + second.utf8.count)
        return first + second
    }

    private static func joined<Item>(_ first: [Item], _ second: [Item]) throws -> [Item] {
        try Extent.check(items: first.count + second.count)
        return first + second
    }

    private static func repeated(_ object: Object, _ count: Int) throws -> Object? {
        switch object {
        case .string(let text): return .string(try repeated(text, count))
        case .list(let list): return .list(ListObject(slots: try repeated(list.slots, count)))
        case .tuple(let tuple): return .tuple(try repeated(tuple.items, count))
        default: return nil
        }
    }

    private static func repeated<Item>(_ items: [Item], _ count: Int) throws -> [Item] {
        guard !items.isEmpty, count > 0 else { return [] }
        try Extent.check(items: items.count, times: count)
        return Array(repeatElement(items, count: count).joined())
    }

    /// A text again and again; none for a count below 1.
    static func repeated(_ text: String, _ count: Int) throws -> String {
        guard !text.isEmpty, count > 0 else { return "" }
        try Extent.check(text: text.utf8.count, times: count)
        return String(repeating: text, count: count)
    }
}
