import Testing

@testable import Sampling

struct HistoryTests {
    /// A sample with figures of its own in every place.
    static func sample(time: Int64, scope: SampleScope = .machine) -> Sample {
        var sample = Sample(
            time: time, interval: 10, scope: scope,
            disks: [DiskSample(name: "sda", numbers: [1, 2, 3, 4, 5, 6, 7, 8.5])],
            devices: [DeviceSample(name: "eth0", numbers: [1, 2, 3, 4, 5])],
            fileSystems: [FileSystemSample(path: "/srv/a b%", numbers: [100, 50, 1.5])])
        for metric in Metric.allCases where metric != .steal { sample[metric] = Double(metric.index) + 0.25 }
        return sample
    }

    /// Equal but for what is not known, which equals nothing.
    static func same(_ one: Sample, _ other: Sample) -> Bool {
        Metric.allCases.allSatisfy { one[$0] == other[$0] } && one.disks == other.disks && one.devices == other.devices
            && one.fileSystems == other.fileSystems && one.time == other.time && one.interval == other.interval
            && one.scope == other.scope
    }

    private static func again(_ sample: Sample) -> HistoryRecord? {
        HistoryRecord(bytes: HistoryRecord(sequence: 1, sample: sample).bytes[...])
    }

    @Test func aRecordComesBackAsItWas() throws {
        let sample = Self.sample(time: 1_800_000_000, scope: .controlGroup)
        let bytes = HistoryRecord(sequence: 7, sample: sample).bytes
        #expect(bytes.count == HistoryFormat.placeSize)
        let record = try #require(HistoryRecord(bytes: bytes[...]))
        #expect(record.sequence == 7)
        #expect(Self.same(record.sample, sample))
    }

    @Test func anyBitThatTurnsIsSeen() {
        let bytes = HistoryRecord(sequence: 1, sample: Self.sample(time: 50)).bytes
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 1 << UInt8(place % 8)
            #expect(HistoryRecord(bytes: damaged[...]) == nil, "byte \(place)")
        }
        #expect(HistoryRecord(bytes: bytes.dropLast()) == nil)
        #expect(HistoryRecord(bytes: ArraySlice(repeating: 0, count: HistoryFormat.placeSize)) == nil)
    }

    @Test func ofManyDisksTheBusiestFit() throws {
        var sample = Self.sample(time: 50)
        sample.disks = (0..<200).map { DiskSample(name: "disk\($0)", numbers: [0, 0, 0, 0, 0, 0, 0, Double($0)]) }
        sample.devices = (0..<200).map { DeviceSample(name: "eth\($0)", numbers: [0, 0, Double($0)]) }
        let record = try #require(Self.again(sample))
        #expect(record.sample.disks.first?.name == "disk199")
        #expect(record.sample.disks.count > 3)
        #expect(record.sample.devices.first?.name == "eth199")
        #expect(record.sample.devices.count > 3)
        #expect(record.sample.fileSystems.count == 1)
    }

    @Test func aDayAndAWeekHaveTheirBytes() {
        #expect(HistoryFormat.day.size == 6_639_616)
        #expect(HistoryFormat.week.size == 7_745_536)
        #expect(HistoryFormat.day.head.count == HistoryFormat.headSize)
        #expect(HistoryFormat.day.head != HistoryFormat.week.head)
    }

    /// 24 hours written with time sped up, on top of the day before: the file is as big as before, and holds the latter day.
    @Test func theOldestPlaceIsUsedAgain() throws {
        let format = HistoryFormat(step: 10, count: 864)
        var file = format.head + [UInt8](repeating: 0, count: format.size - HistoryFormat.headSize)
        for turn in 0..<(864 * 2 + 5) {
            let time = 1_800_000_000 + Int64(turn) * 10
            let offset = format.offset(of: time)
            let record = HistoryRecord(sequence: UInt64(turn), sample: Sample(time: time, interval: 10))
            file.replaceSubrange(offset..<(offset + HistoryFormat.placeSize), with: record.bytes)
        }
        #expect(file.count == format.size)
        let records = format.records(in: file)
        #expect(records.map(\.sequence) == Array(UInt64(864 + 5)..<UInt64(864 * 2 + 5)))
        // Cut off, scribbled over: the rest is read.
        #expect(format.records(in: Array(file.prefix(format.size / 2))).count == 429)
        #expect(format.records(in: []).isEmpty)
    }

    @Test func theTextComesBackAsItWas() throws {
        let samples = [Self.sample(time: 10), Self.sample(time: 20, scope: .controlGroup)]
        let text = HistoryText.head + samples.map(HistoryText.lines).joined()
        let read = HistoryText.samples(in: text)
        #expect(read.count == 2)
        for (one, other) in zip(read, samples) { #expect(Self.same(one, other)) }
    }

    @Test func columnsOfAnotherVersionAreFoundByName() throws {
        let text = """
            #s interval cpu.new time cpu.user memory.gone
            #d utilisation name
            #x name
            s 10 5 1000 12.5 -
            d 80 sda
            x y
            s ten 5 1010 1 2
            d 81 sdb
            s 10 5 1020 nan 1e400
            """
        let samples = HistoryText.samples(in: text)
        #expect(samples.map(\.time) == [1000, 1020])
        #expect(samples[0][.user] == 12.5)
        #expect(samples[0][.memoryTotal] == nil)
        #expect(samples[0].disks == [DiskSample(name: "sda", utilisation: 80)])
        #expect(samples[1][.user] == nil)
    }

    @Test func samplesAreGroupedByTheirEnds() {
        let samples = (1...13).map { turn -> Sample in
            var sample = Sample(time: 1000 + Int64(turn) * 10, interval: 10)
            sample[.user] = Double(turn)
            return sample
        }
        let grouped = Sample.grouped(samples, by: 60)
        #expect(grouped.map(\.time) == [1020, 1080, 1130])
        #expect(grouped.map { $0[.user] } == [1.5, 5.5, 11])
        #expect(grouped.map(\.interval) == [20, 60, 50])
    }
}
