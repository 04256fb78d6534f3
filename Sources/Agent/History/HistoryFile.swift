import Glibc
import Sampling

/// One history's file: written a place at a time, so that an end of the process at any moment costs no more than that
/// place, and a power cut no more than what the kernel had not written yet (about 30 seconds).
final class HistoryFile {
    private let format: HistoryFormat
    private let descriptor: Int32
    private var sequence: UInt64 = 0
    /// Samples that it held when it was opened.
    private(set) var kept = 0
    /// Where a file of another version went, when there was one.
    private(set) var setAside: String?

    /// Opens or makes it; one process at a time writes it.
    init(path: String, format: HistoryFormat) throws(SystemError) {
        self.format = format
        let (descriptor, setAside) = try Self.open(path, format)
        (self.descriptor, self.setAside) = (descriptor, setAside)
        HistoryScan.records(in: descriptor, format) { record in
            sequence = max(sequence, record.sequence)
            kept += 1
        }
    }

    deinit { close(descriptor) }

    func append(_ sample: Sample) throws(SystemError) {
        sequence &+= 1
        let record = HistoryRecord(sequence: sequence, sample: sample)
        try Self.write(record.bytes, to: descriptor, at: format.offset(of: sample.time))
    }

    private static func open(_ path: String, _ format: HistoryFormat) throws(SystemError) -> (Int32, String?) {
        let descriptor = try openLocked(path)
        switch state(of: descriptor, format) {
        case .good: break
        case .new: try prepare(descriptor, format)
        case .foreign:
            close(descriptor)
            let other = path + ".old"
            guard rename(path, other) == 0 else {
                throw SystemError("\(path) is of another version, and cannot be set aside")
            }
            let new = try openLocked(path)
            try prepare(new, format)
            return (new, other)
        }
        return (descriptor, nil)
    }

    private enum State {
        case new
        case good
        case foreign
    }

    private static func openLocked(_ path: String) throws(SystemError) -> Int32 {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw SystemError(path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = SystemError("\(path) is written by another agent")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// A head of nothing but zeros is that of a file whose making was cut off. A cut-off end is made whole again.
    private static func state(of descriptor: Int32, _ format: HistoryFormat) -> State {
        var head = [UInt8](repeating: 0, count: HistoryFormat.headSize)
        let count = pread(descriptor, &head, head.count, 0)
        if head.allSatisfy({ $0 == 0 }) { return .new }
        guard count == head.count, head == format.head else { return .foreign }
        var figures = stat()
        guard fstat(descriptor, &figures) == 0 else { return .foreign }
        if Int(figures.st_size) != format.size, ftruncate(descriptor, off_t(format.size)) != 0 { return .foreign }
        return .good
    }

    /// Takes the room on the disk at once: no place fails for want of it later.
    private static func prepare(_ descriptor: Int32, _ format: HistoryFormat) throws(SystemError) {
        let code = posix_fallocate(descriptor, 0, off_t(format.size))
        if code == EOPNOTSUPP || code == EINVAL {
            guard ftruncate(descriptor, off_t(format.size)) == 0 else {
                throw SystemError("history of \(format.size) bytes")
            }
        } else if code != 0 {
            throw SystemError("history of \(format.size) bytes", code: code)
        }
        try write(format.head, to: descriptor, at: 0)
        guard fdatasync(descriptor) == 0 else { throw SystemError("history") }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, at offset: Int) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done, off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError("history") }
            done += count
        }
    }
}

/// Reads a history's places one after another, in little memory.
enum HistoryScan {
    /// Each record that is whole, in the order of the file; `body` takes it.
    static func records(in descriptor: Int32, _ format: HistoryFormat, _ body: (HistoryRecord) -> Void) {
        let (size, batch) = (HistoryFormat.placeSize, 64)
        var bytes = [UInt8](repeating: 0, count: size * batch)
        var offset = HistoryFormat.headSize
        while offset < format.size {
            let count = pread(descriptor, &bytes, bytes.count, off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count >= size else { return }
            for place in 0..<(count / size) {
                let range = (place * size)..<((place + 1) * size)
                if let record = format.record(in: bytes[range], at: offset + range.lowerBound) { body(record) }
            }
            offset += count / size * size
        }
    }

    /// The records of a file that end from `from` to `to`, in order of time; none where it is not there, or of another version.
    static func samples(path: String, _ format: HistoryFormat, from: Int64, to: Int64) -> [Sample] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var head = [UInt8](repeating: 0, count: HistoryFormat.headSize)
        guard pread(descriptor, &head, head.count, 0) == head.count, head == format.head else { return [] }
        var result: [Sample] = []
        records(in: descriptor, format) { record in
            if (from...max(from, to)).contains(record.sample.time) { result.append(record.sample) }
        }
        return result.sorted { $0.time < $1.time }
    }
}
