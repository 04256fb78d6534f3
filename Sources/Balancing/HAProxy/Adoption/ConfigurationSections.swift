/// The sections of a configuration. Pure.
struct ConfigurationSections {
    /// One section with a backend's settings.
    struct Section: Hashable, Sendable {
        /// `backend` or `listen`.
        let kind: String
        let name: String
        /// The line that begins it.
        let head: Int
        /// The lines below that.
        let places: Range<Int>
        /// The lines of the defaults that it goes by.
        let defaults: Range<Int>
    }

    private let text: [BackendLine]
    /// Where sections begin.
    private let heads: [Int]

    init(_ text: [BackendLine]) {
        self.text = text
        heads = text.indices.filter { place in text[place].words.first.map { Self.kinds.contains($0.text) } ?? false }
    }

    /// - Throws: Unless there is one of that name, which can hold servers.
    func backend(_ name: String) throws(AdoptionError) -> Section {
        let found = heads.filter { head in
            ["backend", "listen"].contains(text[head].words[0].text) && title(of: head) == name
        }
        guard let head = found.first else {
            let others = heads.filter { text[$0].words[0].text == "backend" }.compactMap(title)
            let known = others.isEmpty ? "it has no backend" : "it has \(others.prefix(8).joined(separator: ", "))"
            throw AdoptionError(nil, "there is no backend \(name) in it", [known])
        }
        if found.count > 1 {
            throw AdoptionError(
                found[1], "a second section of the name \(name), beside line \(head + 1)",
                ["give one of them another name"])
        }
        return Section(
            kind: text[head].words[0].text, name: name, head: head, places: body(of: head),
            defaults: defaults(for: head))
    }

    private func title(of head: Int) -> String? { text[head].words.dropFirst().first?.text }

    private func body(of head: Int) -> Range<Int> {
        head + 1..<(heads.first { $0 > head } ?? text.count)
    }

    /// Those that it names, or the last before it.
    private func defaults(for head: Int) -> Range<Int> {
        let words = text[head].words.map(\.text)
        let all = heads.filter { $0 < head && text[$0].words[0].text == "defaults" }
        let named = words.firstIndex(of: "from").flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
        let chosen = named.map { name in all.last { title(of: $0) == name } } ?? all.last
        return chosen.map(body) ?? 0..<0
    }

    private static let kinds: Set<String> = [
        "global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist", "mailers", "cache",
        "ring", "http-errors", "fcgi-app", "program", "log-forward", "log-profile", "crt-store", "crt-list", "traces",
        "acme",
    ]
}
