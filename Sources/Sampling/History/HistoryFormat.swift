/// The layout of a history: a head, and a place for each interval of the time that it holds, used again when it is full.
///
/// An interval's place follows from its time, so that nothing but the place itself is written, and a restart goes on
/// where it was. What is damaged is one place, and its checksum tells.
public struct HistoryFormat: Sendable, Equatable {
    /// Seconds of an interval.
    public let step: Int64
    /// Intervals that are kept.
    public let count: Int64

    /// A day at ten seconds.
    public static let day = HistoryFormat(step: 10, count: 8640)
    /// A week at a minute.
    public static let week = HistoryFormat(step: 60, count: 10080)

    /// Bytes of the head, a page.
    public static let headSize = 4096
    /// Bytes of an interval's place.
    public static let placeSize = 768

    /// A history of `count` intervals of `step` seconds.
    public init(step: Int64, count: Int64) {
        self.step = Swift.max(step, 1)
        self.count = Swift.max(count, 1)
    }

    /// Bytes of the whole file; it never grows.
    public var size: Int { Self.headSize + Int(count) * Self.placeSize }

    /// The head: a program with other figures or another layout has another one, and sets the file aside.
    public var head: [UInt8] {
        var writer = ByteWriter()
        for byte in Array("DROVERH1".utf8) { writer.put(byte) }
        writer.put(UInt32(Self.placeSize))
        writer.put(step)
        writer.put(count)
        for metric in Metric.allCases { writer.put(metric.rawValue) }
        writer.fill(to: Self.headSize - 4)
        writer.put(Checksum.of(writer.bytes))
        return writer.bytes
    }

    /// Where an interval that ends at `time` is kept: the byte at which its place begins.
    public func offset(of time: Int64) -> Int { Self.headSize + Int(slot(of: time)) * Self.placeSize }

    private func slot(of time: Int64) -> Int64 {
        let slot = (time / step) % count
        return slot < 0 ? slot + count : slot
    }

    /// The record that a place holds; `nil` where it was never used, is damaged, or belongs to another place.
    public func record(in place: ArraySlice<UInt8>, at offset: Int) -> HistoryRecord? {
        guard let record = HistoryRecord(bytes: place), self.offset(of: record.sample.time) == offset else {
            return nil
        }
        return record
    }

    /// All records of a file's bytes, in order of time; what is damaged is passed over, none of it is an error.
    ///
    /// Of two for the same time, the later written one counts.
    public func records(in file: [UInt8]) -> [HistoryRecord] {
        var byTime: [Int64: HistoryRecord] = [:]
        for offset in stride(from: Self.headSize, through: file.count - Self.placeSize, by: Self.placeSize) {
            guard let record = record(in: file[offset..<(offset + Self.placeSize)], at: offset) else { continue }
            if let other = byTime[record.sample.time], other.sequence > record.sequence { continue }
            byTime[record.sample.time] = record
        }
        return byTime.values.sorted { $0.sample.time < $1.sample.time }
    }
}
