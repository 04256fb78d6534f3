import Values

/// Dates.
extension Filters {
    static let dates: [String: Plugin] = [
        "strftime": Plugin("second", "utc") { call in
            var seconds = call.session.outside.now()
            if let given = call[0], !given.isNone {
                let number = try given.number ?? NumberReading.floating(given.text())
                guard let number else {
                    throw TemplateError.filter("invalid value for epoch value (\(try given.text()))")
                }
                seconds = number
            }
            guard DateText.reaches(seconds) else {
                throw TemplateError.filter("timestamp out of range for platform time_t")
            }
            let zone = try call.flag(1) ? ZoneOffset.utc : call.session.environment.zone(seconds)
            return .string(DateText.format(try call.subjectString(), seconds, in: zone))
        },
        "to_datetime": Plugin("format") { call in
            let (text, format) = (try call.subjectText(), try call.text(0, default: "%Y-%m-%d %H:%M:%S"))
            guard let seconds = DateReader.seconds(text, format) else {
                throw TemplateError.filter("time data '\(text)' does not match format '\(format)'")
            }
            return .moment(Moment(seconds: seconds, zone: call.session.environment.zone))
        },
    ]
}
