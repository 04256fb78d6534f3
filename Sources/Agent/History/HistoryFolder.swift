import Glibc
import Sampling

/// A day at ten seconds and a week at a minute, in two files of a folder.
final class HistoryFolder {
    private var series: [Series]

    static let dayName = "ten-seconds.history"
    static let weekName = "minutes.history"

    /// Samples that were there already.
    var kept: Int { series.reduce(0) { $0 + $1.file.kept + $1.written } }
    /// Where files of another version went.
    var setAside: [String] { series.compactMap(\.file.setAside) }

    private struct Series {
        var file: HistoryFile
        var format: HistoryFormat
        var pending: [Sample] = []
        var written = 0
    }

    init(path: String) throws(SystemError) {
        series = [
            Series(file: try HistoryFile(path: "\(path)/\(Self.dayName)", format: .day), format: .day),
            Series(file: try HistoryFile(path: "\(path)/\(Self.weekName)", format: .week), format: .week),
        ]
    }

    /// Counts a second in; at the end of an interval its mean is written, and is a part of the next longer one's.
    func take(_ sample: Sample) throws(SystemError) {
        var next: Sample? = sample
        for place in series.indices {
            guard let sample = next else { return }
            next = try take(sample, at: place)
        }
    }

    private func take(_ sample: Sample, at place: Int) throws(SystemError) -> Sample? {
        let step = series[place].format.step
        series[place].pending.append(sample)
        let before = sample.time - Int64(max(1, min(sample.interval.rounded(), 1e9)))
        // A clock that is set to and fro must not let them gather without end.
        guard before / step != sample.time / step || series[place].pending.count > 2 * Int(step) else { return nil }
        defer { series[place].pending = [] }
        guard let mean = Sample.mean(of: series[place].pending) else { return nil }
        try series[place].file.append(mean)
        series[place].written += 1
        return mean
    }

    /// What is known from `from` to `to`: the finer figures where they are, before them the coarser ones.
    static func samples(path: String, from: Int64, to: Int64) -> [Sample] {
        let fine = HistoryScan.samples(path: "\(path)/\(dayName)", .day, from: from, to: to)
        let coarse = HistoryScan.samples(path: "\(path)/\(weekName)", .week, from: from, to: to)
        guard let first = fine.first else { return coarse }
        return coarse.filter { $0.time < first.time } + fine
    }
}
