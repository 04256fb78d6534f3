import Fleet
import Foundation
import OrderedCollections
import Values

/// An account as a task wants it.
struct DesiredUser: Sendable {
    let name: String
    let isAbsent: Bool
    let uid: Int?
    let group: String?
    /// Supplementary groups; empty means none, `nil` leaves them as they are.
    let groups: [String]?
    let home: String?
    let createsHome: Bool
    let force: Bool
    let removesHome: Bool
    let generatesKey: Bool
    private let appends: Bool
    private let comment: String?
    private let shell: String?
    private let password: Secret<String>?
    private let updatesPassword: Bool
    private let locks: Bool?
    private let ages: [(option: String, days: Int)]
    private let expires: Double?
    private let movesHome: Bool
    private let skeleton: String?
    private let umask: String?
    private let isSystem: Bool
    private let allowsTwins: Bool
    private let key: Key

    /// A key pair to be made for the user.
    private struct Key: Sendable {
        var type: String
        var bits: Int?
        var file: String?
        var comment: String?
        var passphrase: Secret<String>

        init(_ arguments: ModuleArguments) throws(InputError) {
            type = try arguments.string("ssh_key_type") ?? "rsa"
            bits = try arguments.int("ssh_key_bits")
            file = try arguments.path("ssh_key_file")
            comment = try arguments.string("ssh_key_comment")
            passphrase = Secret(try arguments.string("ssh_key_passphrase") ?? "")
            guard !passphrase.reveal().contains(where: \.isNewline) else {
                throw arguments.wrong("ssh_key_passphrase", "must not hold line breaks")
            }
        }
    }

    /// Reads the parameters.
    init(_ arguments: ModuleArguments) throws(InputError) {
        name = try arguments.required("name")
        isAbsent = try arguments.string("state") == "absent"
        uid = try arguments.int("uid")
        group = try arguments.string("group")
        groups = try arguments.strings("groups")
        home = try arguments.path("home")
        createsHome = try arguments.bool("create_home", default: true)
        force = try arguments.bool("force")
        removesHome = try arguments.bool("remove")
        generatesKey = try arguments.bool("generate_ssh_key")
        appends = try arguments.bool("append")
        comment = try arguments.string("comment")
        shell = try arguments.path("shell")
        password = try arguments.string("password").map { Secret($0) }
        if let hash = password?.reveal(), hash.contains(where: { $0.isNewline || $0 == ":" }) {
            throw arguments.wrong("password", "must be a hash, which has neither colons nor line breaks")
        }
        updatesPassword = try arguments.string("update_password") != "on_create"
        locks = try arguments.optionalBool("password_lock")
        ages = try Self.ages(arguments)
        expires = try arguments.string("expires").flatMap(Double.init)
        // The end of the year 9999.
        if let expires, !(expires < 253_402_300_800) {
            throw arguments.wrong("expires", "is no time that an account can end at")
        }
        movesHome = try arguments.bool("move_home")
        skeleton = try arguments.string("skeleton")
        umask = try arguments.string("umask")
        isSystem = try arguments.bool("system")
        allowsTwins = try arguments.bool("non_unique")
        key = try Key(arguments)
    }

    /// How long the password lasts, as options of `chage`.
    private static func ages(_ arguments: ModuleArguments) throws(InputError) -> [(option: String, days: Int)] {
        var ages: [(option: String, days: Int)] = []
        for (parameter, option) in [("min", "-m"), ("max", "-M"), ("warn", "-W")] {
            if let days = try arguments.int("password_expire_\(parameter)") { ages.append((option, days)) }
        }
        return ages
    }

    /// Whether only the shadow database can tell if the account is as wanted.
    var needsShadow: Bool { (password != nil && updatesPassword) || locks != nil || !ages.isEmpty || expires != nil }

    /// For a difference: what a new account is given.
    var described: String {
        let fields: [(String, String?)] = [
            ("uid", uid.map(String.init)), ("group", group), ("groups", groups?.joined(separator: ",")),
            ("home", home), ("shell", shell), ("comment", comment),
        ]
        return fields.compactMap { name, value in value.map { "\(name): \($0)\n" } }.joined()
    }

    /// The result; what the system chooses is not in it.
    func result(_ user: UserState?, changed: Bool) -> TaskResult {
        var fields: Variables = ["name": .string(name), "state": .string(isAbsent ? "absent" : "present")]
        guard !isAbsent else { return TaskResult(changed: changed, fields: fields) }
        if let uid = uid ?? user?.uid { fields["uid"] = .int(uid) }
        if let gid = user?.gid { fields["group"] = .int(gid) }
        if let comment = comment ?? user?.comment { fields["comment"] = .string(comment) }
        fields["home"] = .string(home ?? user?.home ?? "/home/\(name)")
        if let shell = shell ?? user?.shell { fields["shell"] = .string(shell) }
        if let groups { fields["groups"] = .string(groups.joined(separator: ",")) }
        if password != nil { fields["password"] = .string("NOT_LOGGING_PASSWORD") }
        if user == nil {
            fields["system"] = .bool(isSystem)
            fields["create_home"] = .bool(createsHome)
        } else {
            fields["append"] = .bool(appends)
            fields["move_home"] = .bool(movesHome)
        }
        return TaskResult(changed: changed, fields: fields)
    }

    /// The command that makes the account.
    func useradd(hasOwnGroup: Bool) -> [String] {
        var words = ["useradd"]
        if let uid { words += ["-u", String(uid)] + (allowsTwins ? ["-o"] : []) }
        if let group { words += ["-g", group] } else if hasOwnGroup { words.append("-N") }
        if let groups, !groups.isEmpty { words += ["-G", groups.joined(separator: ",")] }
        if let comment { words += ["-c", comment] }
        if let home { words += ["-d", home] }
        if let shell { words += ["-s", shell] }
        if let expires { words += ["-e", Self.date(expires)] }
        if createsHome {
            words.append("-m")
            if let skeleton { words += ["-k", skeleton] }
            if let umask { words += ["-K", "UMASK=\(umask)"] }
        } else {
            words.append("-M")
        }
        if isSystem { words.append("-r") }
        return words + ["--", name]
    }

    /// Options for `usermod`, with what they change.
    func difference(
        from user: UserState, gid: Int?, _ shadow: ShadowState?
    ) -> (options: [String], before: String, after: String) {
        var options: [String] = []
        var (before, after) = ("", "")
        func note(_ field: String, _ old: String, _ new: String) {
            before += "\(field): \(old)\n"
            after += "\(field): \(new)\n"
        }
        if let uid, uid != user.uid {
            options += ["-u", String(uid)] + (allowsTwins ? ["-o"] : [])
            note("uid", String(user.uid), String(uid))
        }
        if let group, let gid, gid != user.gid {
            options += ["-g", group]
            note("group", user.primaryGroup ?? String(user.gid), group)
        }
        if let groups, let wanted = groupDifference(user, groups) {
            options += (appends ? ["-a"] : []) + ["-G", wanted.joined(separator: ",")]
            let all = (appends ? user.groups : []) + wanted
            note("groups", user.groups.joined(separator: ","), all.joined(separator: ","))
        }
        for (option, field, wanted, current) in [
            ("-c", "comment", comment, user.comment), ("-d", "home", home, user.home),
            ("-s", "shell", shell, user.shell),
        ] {
            guard let wanted, wanted != current else { continue }
            options += [option, wanted] + (option == "-d" && movesHome ? ["-m"] : [])
            note(field, current, wanted)
        }
        let secret = secretOptions(shadow)
        if !secret.isEmpty || changesPassword(shadow) { note("password or expiry", "(not shown)", "(changed)") }
        return (options + secret, before, after)
    }

    /// The groups to set, or with `append` those to add; `nil` when all is well.
    private func groupDifference(_ user: UserState, _ groups: [String]) -> [String]? {
        if appends {
            let missing = groups.filter { !user.groups.contains($0) && $0 != user.primaryGroup }
            return missing.isEmpty ? nil : missing
        }
        let wanted = Set(groups)
        let current = Set(user.groups)
        let isSame = wanted == current || wanted.subtracting([user.primaryGroup ?? ""]) == current
        return isSame ? nil : groups
    }

    private func secretOptions(_ shadow: ShadowState?) -> [String] {
        guard let shadow else { return [] }
        var options: [String] = []
        let hash = shadow.hash.reveal()
        if let expires {
            let day = shadow.expiryDay
            let wanted = expires < 0 ? nil : (expires / 86400).rounded(.down).wholePart
            if day.flatMap({ $0 < 0 ? nil : $0 }) != wanted { options += ["-e", Self.date(expires)] }
        }
        // With a new password comes what says whether it counts.
        if changesPassword(shadow) { return options }
        if locks == true, !hash.hasPrefix("!") { options.append("-L") }
        if locks == false, hash.hasPrefix("!") { options.append("-U") }
        return options
    }

    /// Whether an account has another password than it is to have.
    func changesPassword(_ shadow: ShadowState?) -> Bool {
        guard let password, let shadow, updatesPassword else { return false }
        return shadow.hash.reveal().drop(while: { $0 == "!" }) != password.reveal().drop(while: { $0 == "!" })
    }

    /// The line that sets the password; `nil` when none is given. In a program's arguments every user of the host could see
    /// it, so the shell itself writes it.
    var passwordLine: String? {
        password.map { password in
            let entry = "\(name):\(locks == true ? "!" : "")\(password.reveal())"
            return "printf '%s\\n' \(entry.quoted) | chpasswd -e"
        }
    }

    /// A command that sets password ageing; `nil` when nothing is to be set.
    func ageing(_ shadow: ShadowState?) -> [String]? {
        let current = ["-m": shadow?.minimumDays, "-M": shadow?.maximumDays, "-W": shadow?.warningDays]
        let wrong = ages.filter { current[$0.option] != $0.days }
        guard !wrong.isEmpty else { return nil }
        return ["chage"] + wrong.flatMap { [$0.option, String($0.days)] } + ["--", name]
    }

    /// Makes a home folder that an account lacks.
    func homeLines(_ home: String, _ user: UserState) -> [String] {
        let source = (skeleton ?? "/etc/skel").quoted
        let bits = umask.flatMap { UInt16($0, radix: 8) }.map { 0o777 & ~$0 } ?? 0o755
        return [
            "mkdir -p -- \(home.quoted)", "[ ! -d \(source) ] || cp -a -- \(source)/. \(home.quoted)/",
            "chown -R -- \(user.uid):\(user.gid) \(home.quoted)", FileAttributes.modeLine(bits, path: home.quoted),
        ]
    }

    /// Where the user's private key is, when one is wanted.
    func keyFile(of user: UserState) -> String? {
        guard generatesKey else { return nil }
        return (home ?? user.home).appendingPath(key.file ?? ".ssh/id_\(key.type)")
    }

    /// Makes the key pair and shows it. Without `file`, the account has only just been made.
    func keyLines(file: String?) -> [String] {
        var words = ["ssh-keygen", "-q", "-t", key.type]
        let secret = key.passphrase.reveal()
        if secret.isEmpty { words += ["-N", ""] }
        if let bits = key.bits, bits > 0 { words += ["-b", String(bits)] }
        if let comment = key.comment { words += ["-C", comment] }
        let usualComment = key.comment == nil ? #" -C "ansible-generated on $(uname -n)""# : ""
        let place = file?.quoted ?? "\"$h/\"\((key.file ?? ".ssh/id_\(key.type)").quoted)"
        return (secret.isEmpty ? [] : Self.askLines(secret)) + [
            "u=$(getent passwd \(name.quoted)); h=${u%:*}; h=${h##*:}",
            "k=\(key.file.map { $0.hasPrefix("/") ? $0.quoted : place } ?? place)",
            #"[ -d "${k%/*}" ] || { mkdir -m 0700 -- "${k%/*}"; chown -- \#(name.quoted): "${k%/*}"; }"#,
            shellWords(words) + usualComment + #" -f "$k" </dev/null >/dev/null"#,
        ] + (secret.isEmpty ? [] : [Self.lockedKeyLine]) + [
            #"chown -- \#(name.quoted): "$k" "$k.pub""#,
            #"printf 'ssh_key_file=%s\nssh_public_key=%s\nssh_fingerprint=%s\n' "$k" "$(cat "$k.pub")" "$(ssh-keygen -l -f "$k")""#,
        ]
    }

    /// Has ssh-keygen ask a program for the passphrase: in its arguments every user of the host could see it. The program
    /// reads a file; it stands where programs may be run.
    private static func askLines(_ passphrase: String) -> [String] {
        [
            #"for d in "${TMPDIR:-/tmp}" "$HOME" /var/tmp; do w=$(mktemp -d -- "$d/.drover.XXXXXXXX") || continue"#,
            #"trap 'rm -rf -- "$w"' EXIT"#, #"(umask 077; printf '%s\n' \#(passphrase.quoted) >"$w/word""#,
            #"printf '#!/bin/sh\nexec cat "${0%%/*}/word"\n' >"$w/ask"; chmod 0700 "$w/ask")"#,
            #"if "$w/ask" >/dev/null 2>&1; then break; fi; rm -rf -- "$w"; done"#,
            "[ -x \"$w/ask\" ] || { echo 'there is no folder to run a program from' >&2; exit 1; }",
            #"export SSH_ASKPASS="$w/ask" SSH_ASKPASS_REQUIRE=force DISPLAY="${DISPLAY:-:0}""#,
        ]
    }

    /// A key that was not locked is not kept.
    private static let lockedKeyLine =
        #"if ssh-keygen -y -P '' -f "$k" >/dev/null 2>&1; then rm -f -- "$k" "$k.pub";"#
        + " echo 'ssh-keygen did not take the passphrase' >&2; exit 1; fi"

    /// The day as `useradd -e` takes it; a time before 1970 means never.
    private static func date(_ seconds: Double) -> String {
        guard seconds >= 0 else { return "" }
        let day = Date(timeIntervalSince1970: seconds)
        return day.formatted(.iso8601.year().month().day())
    }
}
