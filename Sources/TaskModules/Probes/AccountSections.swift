/// Users and groups, from whatever databases the host uses.
///
/// The whole group database is read when users are asked for, because only it tells who is a member of what.
struct AccountSection: TextSection {
    let users: [String]
    let groups: [String]
    let name = "getent"

    var textLines: [String] {
        guard !users.isEmpty else { return [Self.separator, "getent group \(shellWords(groups))"] }
        var lines = ["getent passwd \(shellWords(users))", Self.separator, "g=$(getent group)", #"printf '%s\n' "$g""#]
        if !groups.isEmpty {
            // Databases that cannot be listed, such as LDAP's, still answer for one name.
            lines += [
                "for n in \(shellWords(groups)); do case \"\n$g\" in *\"\n$n:\"*) ;;",
                #"*) getent group "$n" ;; esac; done"#,
            ]
        }
        return lines
    }

    private static let separator = "printf '\\n=\\n'"

    func read(_ text: String, into answers: inout ProbeAnswers) {
        let parts = text.split(separator: "\n=\n", omittingEmptySubsequences: false)
        let known = parts.dropFirst().joined(separator: "\n").split(separator: "\n").compactMap(Self.group)
        for name in groups {
            answers[.group(name)] = known.first { $0.name == name }.map(Answer.group) ?? .absent
        }
        for name in users { answers[.user(name)] = .absent }
        for line in (parts.first ?? "").split(separator: "\n") {
            guard let user = Self.user(line, groups: known) else { continue }
            answers[.user(user.name)] = .user(user)
        }
    }

    private static func group(_ line: Substring) -> GroupState? {
        let fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard fields.count >= 4, let gid = Int(fields[2]) else { return nil }
        return GroupState(name: fields[0], gid: gid, members: fields[3].split(separator: ",").map(String.init))
    }

    private static func user(_ line: Substring, groups: [GroupState]) -> UserState? {
        let fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard fields.count >= 7, let uid = Int(fields[2]), let gid = Int(fields[3]) else { return nil }
        var user = UserState(
            name: fields[0], uid: uid, gid: gid, comment: fields[4], home: fields[5], shell: fields[6])
        user.primaryGroup = groups.first { $0.gid == gid }?.name
        user.groups = groups.filter { $0.members.contains(user.name) }.map(\.name)
        return user
    }
}

/// Lines of the shadow database; only root may read them.
struct ShadowSection: TextSection {
    let users: [String]
    let name = "getent shadow"

    var textLines: [String] { ["getent shadow \(shellWords(users))"] }

    func read(_ text: String, into answers: inout ProbeAnswers) {
        for user in users { answers[.shadow(user)] = .absent }
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 8 else { continue }
            answers[.shadow(fields[0])] = .shadow(
                ShadowState(
                    hash: fields[1], minimumDays: Int(fields[3]), maximumDays: Int(fields[4]),
                    warningDays: Int(fields[5]), expiryDay: Int(fields[7])))
        }
    }
}

/// Who asks.
struct SessionSection: TextSection {
    let name = "session"

    var textLines: [String] { ["umask", #"printf '%s\n' "$HOME""#, "LC_ALL=C id"] }

    func read(_ text: String, into answers: inout ProbeAnswers) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var session = SessionState()
        guard lines.count >= 3 else { return answers[.session] = .session(session) }
        session.umask = UInt16(lines[0], radix: 8) ?? session.umask
        session.home = lines[1]
        for field in lines[2].split(separator: " ") {
            let parts = field.split(whereSeparator: { "=()".contains($0) }).map(String.init)
            guard parts.count >= 2, let number = Int(parts[1]) else { continue }
            let name = parts.count > 2 ? parts[2] : parts[1]
            if parts[0] == "uid" { (session.uid, session.user) = (number, name) }
            if parts[0] == "gid" { (session.gid, session.group) = (number, name) }
        }
        answers[.session] = .session(session)
    }
}

/// The host's clock.
struct ClockSection: TextSection {
    let name = "date"

    var textLines: [String] { ["date +%s"] }

    func read(_ text: String, into answers: inout ProbeAnswers) {
        answers[.clock] = Int(text.filter(\.isNumber)).map(Answer.clock) ?? .absent
    }
}

/// The output of a shell line that changes nothing.
struct QuerySection: TextSection {
    let line: String
    let name = "query"

    /// The status goes behind the last point, so that the output keeps its final newlines.
    var textLines: [String] { ["q=$( (", line, #") ; printf '.%s' $?)"#, #"printf %s "$q""#] }

    func read(_ text: String, into answers: inout ProbeAnswers) {
        guard let point = text.lastIndex(of: "."), let status = Int(text[text.index(after: point)...]) else {
            return answers[.query(line)] = .unreadable
        }
        answers[.query(line)] = .output(status: status, text: String(text[..<point]))
    }
}
