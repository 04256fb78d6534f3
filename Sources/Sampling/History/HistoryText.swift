/// Samples as lines of text: what `drover-agent history` and `sample` print, and what a controller of any version reads.
///
/// Lines that begin with `#` name the columns: `#s` a sample's, and `#d`, `#n`, `#f` those of its disks, network devices and
/// file systems, which follow it. A reader finds what it knows by name and passes over the rest; `-` is not known.
public struct HistoryText: Sendable {
    /// What a text begins with.
    public static let head = [
        (["#s", "time", "interval", "scope"] + Metric.allCases.map(\.rawValue)), (["#d", "name"] + DiskSample.columns),
        (["#n", "name"] + DeviceSample.columns), (["#f", "name"] + FileSystemSample.columns),
    ].map { $0.joined(separator: " ") + "\n" }.joined()

    /// The lines of one sample, under ``head``.
    public static func lines(of sample: Sample) -> String {
        let values = Metric.allCases.map { sample.values[$0.index] }.map { $0.isNaN ? "-" : word(Double($0)) }
        var lines = [["s", "\(sample.time)", word(sample.interval), sample.scope.rawValue] + values]
        lines += sample.disks.map { ["d", escaped($0.name)] + $0.numbers.map(word) }
        lines += sample.devices.map { ["n", escaped($0.name)] + $0.numbers.map(word) }
        lines += sample.fileSystems.map { ["f", escaped($0.path)] + $0.numbers.map(word) }
        return lines.map { $0.joined(separator: " ") + "\n" }.joined()
    }

    /// All samples of a text, in its order; lines that are not to be understood are passed over.
    public static func samples(in text: String) -> [Sample] {
        var columns: [String: [String]] = [:]
        var result: [Sample] = []
        for line in TextLines(Array(text.utf8)) {
            let words = Words(line).map(\.text)
            guard let kind = words.first else { continue }
            if kind.hasPrefix("#") {
                columns[String(kind.dropFirst())] = words
                continue
            }
            guard let names = columns[kind] else { continue }
            let row = Dictionary(zip(names, words).dropFirst()) { first, _ in first }
            if kind == "s" {
                // What follows a line that is not understood is not the sample's before it.
                guard let sample = sample(row) else {
                    columns["d"] = nil
                    columns["n"] = nil
                    columns["f"] = nil
                    continue
                }
                result.append(sample)
            } else if !result.isEmpty {
                add(row, of: kind, to: &result[result.count - 1])
            }
        }
        return result
    }

    private static func sample(_ row: [String: String]) -> Sample? {
        guard let time = row["time"].flatMap({ Int64($0) }), let interval = number(row["interval"]), interval > 0
        else { return nil }
        var sample = Sample(
            time: time, interval: interval, scope: row["scope"].flatMap(SampleScope.init) ?? .machine)
        for metric in Metric.allCases { sample[metric] = number(row[metric.rawValue]) }
        return sample
    }

    private static func add(_ row: [String: String], of kind: String, to sample: inout Sample) {
        guard let name = row["name"].map(unescaped) else { return }
        func numbers(_ columns: [String]) -> [Double] { columns.map { number(row[$0]) ?? 0 } }
        switch kind {
        case "d": sample.disks.append(DiskSample(name: name, numbers: numbers(DiskSample.columns)))
        case "n": sample.devices.append(DeviceSample(name: name, numbers: numbers(DeviceSample.columns)))
        case "f": sample.fileSystems.append(FileSystemSample(path: name, numbers: numbers(FileSystemSample.columns)))
        default: break
        }
    }

    private static func number(_ text: String?) -> Double? {
        guard let number = text.flatMap({ Double($0) }), number.isFinite else { return nil }
        return number
    }

    /// Short: no figure has more digits than ``Sample`` keeps.
    private static func word(_ number: Double) -> String {
        let number = Float(number)
        if let whole = Int64(exactly: number) { return String(whole) }
        return number.isFinite ? number.description : "-"
    }

    /// A mount's path may have blanks; `%` and what is no more than a blank are written as `%20`.
    private static func escaped(_ name: String) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            if byte > 32, byte != 37, byte != 127 {
                bytes.append(byte)
            } else {
                let digits = String(byte, radix: 16)
                bytes.append(contentsOf: "%\(digits.count == 1 ? "0" : "")\(digits)".utf8)
            }
        }
        return bytes.isEmpty ? "%" : bytes[...].text
    }

    private static func unescaped(_ word: String) -> String {
        var (bytes, rest) = ([UInt8](), Array(word.utf8)[...])
        while let byte = rest.popFirst() {
            if byte == 37, let value = UInt8(rest.prefix(2).text, radix: 16) {
                rest = rest.dropFirst(2)
                bytes.append(value)
            } else if byte != 37 || !rest.isEmpty {
                bytes.append(byte)
            }
        }
        return bytes[...].text
    }
}
