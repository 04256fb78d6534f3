import Fleet
import Foundation
import OrderedCollections
import Values

/// Identity and environment of the user that tasks run as.
enum UserFacts {
    static let names = [
        "env", "user_id", "user_uid", "user_gid", "user_gecos", "user_dir", "user_shell", "real_user_id",
        "effective_user_id", "real_group_id", "effective_group_id",
    ]

    static let lines = [
        "printf '@@ user\\n'; getent passwd \"$(id -u)\"",
        // A value may hold newlines, so variables are told apart by a line of their own.
        "printf '@@ env\\n'; PATH=$o env -0 | tr '\\n\\0' '\\001\\n'",
    ]

    static func parse(_ parts: FactParts) -> Variables {
        let fields = parts.first("user").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        var environment: OrderedDictionary<Value, Value> = [:]
        for line in parts["env"] where !line.isEmpty {
            let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { continue }
            environment[.string(String(pair[0]))] = .string(pair[1].replacingOccurrences(of: "\u{1}", with: "\n"))
        }
        var facts: Variables = ["env": .map(environment)]
        guard fields.count >= 7, let uid = Int(fields[2]), let gid = Int(fields[3]) else { return facts }
        facts["user_id"] = .string(fields[0])
        for name in ["user_uid", "real_user_id", "effective_user_id"] { facts[name] = .int(uid) }
        for name in ["user_gid", "real_group_id", "effective_group_id"] { facts[name] = .int(gid) }
        facts["user_gecos"] = .string(fields[4])
        facts["user_dir"] = .string(fields[5])
        facts["user_shell"] = .string(fields[6])
        return facts
    }
}

/// The host's date and time.
enum TimeFacts {
    static let names = ["date_time"]

    private static let local = [
        "year": "%Y", "month": "%m", "weekday": "%A", "weekday_number": "%w", "weeknumber": "%W", "day": "%d",
        "hour": "%H", "minute": "%M", "second": "%S", "epoch": "%s", "date": "%Y-%m-%d", "time": "%H:%M:%S",
        "tz": "%Z", "tz_offset": "%z", "iso8601_basic": "%Y%m%dT%H%M%S%6N", "iso8601_basic_short": "%Y%m%dT%H%M%S",
    ].sorted { $0.key < $1.key }

    static let lines = [
        "n=$(date +%s.%6N)",
        "printf '@@ local\\n'; LC_ALL=C date -d @$n '+" + local.map { "\($0.key)=\($0.value)" }.joined(separator: "%n")
            + "'",
        "printf '@@ utc\\n'; LC_ALL=C date -u -d @$n '+iso8601=%Y-%m-%dT%H:%M:%SZ%niso8601_micro=%Y-%m-%dT%H:%M:%S.%6NZ'",
    ]

    static func parse(_ parts: FactParts) -> Variables {
        var fields: Variables = [:]
        for (name, text) in SystemFacts.assignments(parts["local"] + parts["utc"]).sorted(by: { $0.key < $1.key }) {
            fields[name] = .string(text)
        }
        fields["tz_dst"] = fields["tz"]
        fields["epoch_int"] = fields["epoch"]
        return ["date_time": fields.asMap]
    }
}
