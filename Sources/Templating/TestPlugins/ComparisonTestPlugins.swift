/// Comparisons and numbers.
extension Tests {
    static let comparisons: [String: Plugin] = {
        var tests: [String: Plugin] = [
            "in": Plugin("seq") { .bool(try $0.required(0, "seq").contains($0.subject)) },
            "sameas": Plugin("other") { .bool(try $0.subject.isSame(as: $0.required(0, "other"))) },
            "odd": simple { try Arithmetic.apply(.modulo, $0, .int(2)).equals(.int(1)) },
            "even": simple { try Arithmetic.apply(.modulo, $0, .int(2)).equals(.int(0)) },
            "divisibleby": Plugin("num") { call in
                .bool(try Arithmetic.apply(.modulo, call.subject, call.required(0, "num")).equals(.int(0)))
            },
            "nan": simple { $0.number?.isNaN ?? false },
            "isnan": simple { $0.number?.isNaN ?? false },
        ]
        let operators: [(ComparisonOperator, [String])] = [
            (.equal, ["eq", "==", "equalto"]), (.notEqual, ["ne", "!="]),
            (.less, ["lt", "<", "lessthan"]), (.lessEqual, ["le", "<="]), (.greater, ["gt", ">", "greaterthan"]),
            (.greaterEqual, ["ge", ">="]),
        ]
        for (comparison, names) in operators {
            let test = Plugin("other") {
                .bool(try Evaluator.holds($0.subject, comparison, $0.required(0, "other")))
            }
            for name in names { tests[name] = test }
        }
        return tests
    }()
}
