/// A sample in a history.
public struct HistoryRecord: Sendable, Equatable {
    /// Grows by one with each record, over restarts.
    public var sequence: UInt64
    /// What the host did.
    public var sample: Sample

    /// A record of `sample`.
    public init(sequence: UInt64, sample: Sample) {
        self.sequence = sequence
        self.sample = sample
    }

    /// ``HistoryFormat/placeSize`` bytes. Of disks, devices and file systems as many as fit, the busiest and fullest first.
    public var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.put(sequence)
        writer.put(sample.time)
        writer.put(sample.interval)
        writer.put(UInt8(sample.scope == .machine ? 0 : 1))
        for value in sample.values { writer.put(value) }
        for part in parts(room: HistoryFormat.placeSize - 5 - writer.bytes.count) {
            for byte in part { writer.put(byte) }
        }
        writer.put(PartKind.end.rawValue)
        writer.fill(to: HistoryFormat.placeSize - 4)
        writer.put(Checksum.of(writer.bytes))
        return writer.bytes
    }

    /// The way back; `nil` where the checksum does not hold.
    init?(bytes: ArraySlice<UInt8>) {
        guard bytes.count == HistoryFormat.placeSize else { return nil }
        var end = ByteReader(bytes.suffix(4))
        var reader = ByteReader(bytes.dropLast(4))
        guard let sequence: UInt64 = reader.take(), sequence > 0,
            end.take(UInt32.self) == Checksum.of(bytes.dropLast(4)),
            let time: Int64 = reader.take(), let interval = reader.takeDouble(), let scope: UInt8 = reader.take()
        else { return nil }
        self.sequence = sequence
        sample = Sample(time: time, interval: interval, scope: scope == 0 ? .machine : .controlGroup)
        for metric in Metric.allCases {
            guard let value = reader.takeFloat() else { return nil }
            sample[metric] = value.isNaN ? nil : Double(value)
        }
        while let kind: UInt8 = reader.take(), let kind = PartKind(rawValue: kind), kind != .end {
            guard let name = reader.takeText(), readPart(kind, name, &reader) else { return nil }
        }
    }

    private enum PartKind: UInt8 {
        case end
        case disk
        case device
        case fileSystem
    }

    private mutating func readPart(_ kind: PartKind, _ name: String, _ reader: inout ByteReader) -> Bool {
        var numbers: [Double] = []
        for _ in 0..<Self.numbers(of: kind) {
            guard let number = reader.takeDouble() else { return false }
            numbers.append(number)
        }
        switch kind {
        case .end: break
        case .disk: sample.disks.append(DiskSample(name: name, numbers: numbers))
        case .device: sample.devices.append(DeviceSample(name: name, numbers: numbers))
        case .fileSystem: sample.fileSystems.append(FileSystemSample(path: name, numbers: numbers))
        }
        return true
    }

    private static func numbers(of kind: PartKind) -> Int {
        switch kind {
        case .end: 0
        case .disk: DiskSample.columns.count
        case .device: DeviceSample.columns.count
        case .fileSystem: FileSystemSample.columns.count
        }
    }

    /// As many as the room has place for: of each kind in turn, so that no kind takes all of it.
    private func parts(room: Int) -> [[UInt8]] {
        let disks = sample.disks.sorted { ($0.utilisation, $0.transfers) > ($1.utilisation, $1.transfers) }
        let devices = sample.devices.sorted { $0.receivedKiB + $0.sentKiB > $1.receivedKiB + $1.sentKiB }
        let full = sample.fileSystems.sorted { $0.fullness > $1.fullness }
        let queues = [
            disks.map { Self.part(.disk, $0.name, $0.numbers) },
            devices.map { Self.part(.device, $0.name, $0.numbers) },
            full.map { Self.part(.fileSystem, $0.path, $0.numbers) },
        ]
        var (room, taken) = (room, [[[UInt8]]](repeating: [], count: queues.count))
        for place in 0..<(queues.map(\.count).max() ?? 0) {
            for (kind, queue) in queues.enumerated() where place < queue.count && queue[place].count <= room {
                room -= queue[place].count
                taken[kind].append(queue[place])
            }
        }
        return taken.flatMap { $0 }
    }

    private static func part(_ kind: PartKind, _ name: String, _ numbers: [Double]) -> [UInt8] {
        var writer = ByteWriter()
        writer.put(kind.rawValue)
        writer.put(name)
        for number in numbers { writer.put(number) }
        return writer.bytes
    }
}
