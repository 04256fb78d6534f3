import Fleet
import Foundation
import Insight

/// What tiers and hosts do, as lines of at most 79 characters: each tier, then its hosts, then what its services say.
struct TopText: Sendable {
    /// By what hosts of a tier are sorted.
    enum Order: String, CaseIterable, Sendable { case name, cpu, memory, io, requests, errors }

    /// What a line is about, which decides how it is painted.
    enum Kind: Sendable { case title, tier, host, silent, words }

    typealias Line = (kind: Kind, text: String)

    let order: Order
    /// How many lines there may be; `nil` for all.
    let rows: Int?

    /// The lines, titles first.
    func lines(_ answer: TopAnswer) -> [Line] {
        var blocks = answer.tiers.map(block)
        if let rows { shorten(&blocks, to: rows - 1) }
        return [(.title, Self.titles)] + blocks.flatMap { $0 }
    }

    private func block(_ tier: TopAnswer.Tier) -> [Line] {
        let hosts = sorted(tier.hosts)
        var lines: [Line] = [(.tier, Self.row("\(tier.name) (\(tier.hosts.count))", tier.figures, tier.traffic))]
        for host in hosts {
            if let error = host.error {
                lines.append((.silent, Self.cut("  \(host.host): \(error)")))
            } else {
                lines.append((.host, Self.row("  \(host.host)", host.figures, host.traffic)))
            }
        }
        for host in hosts {
            for words in host.services { lines.append((.words, Self.cut("  \(host.host) \(words)"))) }
        }
        return lines
    }

    /// Takes the last lines of the longest tiers away until all fit; the tier's own line stays.
    private func shorten(_ blocks: inout [[Line]], to rows: Int) {
        var hidden = [Int](repeating: 0, count: blocks.count)
        func height(_ index: Int) -> Int { blocks[index].count + (hidden[index] > 0 ? 1 : 0) }
        while blocks.indices.reduce(0, { $0 + height($1) }) > rows {
            guard let longest = blocks.indices.max(by: { blocks[$0].count < blocks[$1].count }),
                blocks[longest].count > 1
            else { break }
            blocks[longest].removeLast()
            hidden[longest] += 1
        }
        for index in blocks.indices where hidden[index] > 0 {
            blocks[index].append(
                (.words, "  … \(hidden[index].of("line")) more: a taller window, or a host or group, shows them"))
        }
    }

    private func sorted(_ hosts: [TopAnswer.Host]) -> [TopAnswer.Host] {
        let key: (TopAnswer.Host) -> Double? =
            switch order {
            case .name: { _ in nil }
            case .cpu: { $0.figures[TopFigure.busy.rawValue] }
            case .memory: { $0.figures[TopFigure.workingSet.rawValue] }
            case .io: { $0.figures[TopFigure.ioPressure.rawValue] }
            case .requests: { $0.requests }
            case .errors: { $0.failed }
            }
        return hosts.enumerated().sorted { one, other in
            (-(key(one.element) ?? -1), one.offset) < (-(key(other.element) ?? -1), other.offset)
        }.map { $0.element }
    }

    // MARK: a row

    private static let nameWidth = 14
    private static let columns: [(title: String, width: Int)] = [
        ("%usr", 4), ("%sys", 4), ("%iow", 4), ("%stl", 4), ("psC", 3), ("psM", 3), ("psI", 3), ("%mem", 4),
        ("reflt", 5), ("%dsk", 4), ("req/s", 6), ("%err", 4), ("ms", 4),
    ]
    private static let figures: [TopFigure] = [
        .user, .system, .iowait, .steal, .cpuPressure, .memoryPressure, .ioPressure, .workingSet, .refaults, .disk,
    ]

    static let titles = joined("TIER/HOST", columns.map(\.title))

    private static func row(_ name: String, _ values: [String: Double], _ traffic: [Double?]) -> String {
        let shown = figures.map { values[$0.rawValue] } + traffic
        return joined(name, zip(shown, columns).map { text($0, width: $1.width) })
    }

    private static func joined(_ name: String, _ cells: [String]) -> String {
        let shown = WrappedText.shortened(name, to: nameWidth)
        let padded = shown + String(repeating: " ", count: max(0, nameWidth - shown.count))
        return padded
            + zip(cells, columns).map { cell, column in
                " " + String(repeating: " ", count: max(0, column.width - cell.count)) + cell
            }.joined()
    }

    /// As many digits as there is room for.
    static func text(_ value: Double?, width: Int) -> String {
        guard let value, value.isFinite else { return "-" }
        for (scale, unit) in [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G")] {
            let scaled = value / scale
            let digits = abs(scaled) < 9.95 && scaled != 0 && (unit.isEmpty || width > 3) ? 1 : 0
            let text = String(format: "%.\(digits)f", scaled) + unit
            if text.count <= width { return text == "0.0" ? "0" : text }
        }
        return "#"
    }

    private static func cut(_ text: String) -> String { WrappedText.cut(text, width: 79) }
}

extension TopAnswer.Host {
    fileprivate var traffic: [Double?] { [requests, failedPercent(failed, of: requests), milliseconds] }
}

extension TopAnswer.Tier {
    fileprivate var traffic: [Double?] { [requests, failedPercent(failed, of: requests), milliseconds] }
}

/// How many percent of requests failed; of none, none.
private func failedPercent(_ failed: Double?, of requests: Double?) -> Double? {
    guard let failed, let requests else { return nil }
    return requests > 0 ? failed / requests * 100 : 0
}
