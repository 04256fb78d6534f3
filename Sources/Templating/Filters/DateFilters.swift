/// Dates.
extension Filters {
    static let dates: [String: Plugin] = [
        "strftime": Plugin("second", "utc") { call in
            var seconds = call.session.environment.now()
            if let given = call[0], !given.isNone {
                let number = try given.number ?? NumberText.double(given.text())
                guard let number else {
                    throw TemplateError.filter("invalid value for epoch value (\(try given.text()))")
                }
                seconds = number
            }
            try Calendar.check(seconds)
            return .string(Calendar.format(try call.subjectString(), seconds, utc: try call.flag(1)))
        },
        "to_datetime": Plugin("format") { call in
            let (text, format) = (try call.subjectText(), try call.text(0, default: "%Y-%m-%d %H:%M:%S"))
            guard let moment = CalendarReader.moment(text, format) else {
                throw TemplateError.filter("time data '\(text)' does not match format '\(format)'")
            }
            return .moment(moment)
        },
    ]
}
