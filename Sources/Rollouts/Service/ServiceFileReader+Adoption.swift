import Fleet
import Values

/// A backend in somebody's own file, as `pool:` says it.
extension ServiceFileReader {
    /// `nil` where the file is Drover's. Notes every key that would write what is the file's owner's.
    func adoption(_ fields: ServiceFileFields, _ driver: Pool.Driver) -> Pool.Adoption? {
        let isAdopted = fields.attempt { fields throws(InputError) in try fields.flag("adopt") } ?? false
        let options = fields.attempt { fields throws(InputError) in try serverOptions(fields, isAdopted) }
        guard isAdopted else { return nil }
        if driver != .haproxy { refuse("driver", fields, "adopt goes with driver: haproxy alone") }
        for key in ["mode", "balance", "cookie", "slow_start", "agent"] where fields[key] != nil {
            refuse(
                key, fields, "'\(key)' would be written into a file that is adopted", "write it in the backend itself")
        }
        // A check that is no mapping is told where it is read.
        if let check = fields["check"], let checks = try? ServiceFileFields(check, .check, MistakeLog()) {
            for key in ["interval", "rise", "fall"] where checks[key] != nil {
                refuse(
                    key, checks, "'\(key)' would be written into a file that is adopted",
                    "write it in the backend's default-server; path and expect are asked on hosts, and may stay")
            }
        }
        return Pool.Adoption(serverOptions: options)
    }

    private func refuse(_ key: String, _ fields: ServiceFileFields, _ message: String, _ hints: String...) {
        mistakes.note(InputError(message, at: fields.place(key), hints: hints))
    }

    /// - Throws: ``InputError`` for words that are not one line's, or that Drover writes itself.
    private func serverOptions(_ fields: ServiceFileFields, _ isAdopted: Bool) throws(InputError) -> String? {
        guard let text = try fields.optionalText("server_options") else { return nil }
        let place = fields.place("server_options")
        guard isAdopted else {
            throw InputError(
                "server_options goes with adopt: true alone", at: place,
                hints: ["members of Drover's own file have what 'check' and the other keys say"])
        }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw InputError("server_options must be words of one line, without comments", at: place)
        }
        let words = text.split { $0 == " " }
        if let word = words.first(where: { ["disabled", "cookie", "weight", "backup", "id", "resolvers"].contains($0) })
        {
            throw InputError(
                "server_options may not have '\(word)', which is not the same for each member or is Drover's",
                at: place,
                hints: ["such as: server_options: check maxconn 200"])
        }
        return text
    }
}
