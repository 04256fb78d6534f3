/// Finds the members of a tar archive in its bytes, however they arrive; keeps no data, only headers.
///
/// Long names and targets of GNU (`L`, `K`) and of pax (`x`) are read; pax headers for all that follows (`g`) may say
/// nothing about names and sizes.
struct TarParser {
    private enum Phase {
        case header
        /// So many bytes are of no interest.
        case data(Int64)
        /// A header's long value, and how many bytes fill its last block.
        case text(UInt8, left: Int, padding: Int64)
        /// Further blocks of a sparse file's map, before so many bytes of data.
        case map(Int64)
        /// The end has been seen; what follows is padding.
        case over
    }

    private var phase = Phase.header
    private var pending: [UInt8] = []
    private var longName: String?
    private var longTarget: String?
    private var pax: [String: String] = [:]
    private(set) var count = 0

    /// The longest name, target or pax header that is read.
    private static let longest = 1 << 20

    /// Reads on, and gives each member to `visit`.
    mutating func read(_ bytes: ArraySlice<UInt8>, _ visit: (TarMember) throws -> Void) throws {
        var rest = bytes
        while !rest.isEmpty {
            switch phase {
            case .over: return
            case .data(let left): skip(left, of: &rest)
            case .header:
                guard let block = take(TarHeader.size, of: &rest) else { return }
                try begin(TarHeader(block[...]), visit)
            case .map(let left):
                guard let block = take(TarHeader.size, of: &rest) else { return }
                if !TarHeader(block[...]).goesOn(isFurther: true) { phase = Self.data(left) }
            case .text(let type, let left, let padding):
                guard let text = take(left, of: &rest) else { return }
                try note(type, text)
                phase = Self.data(padding)
            }
        }
    }

    /// - Throws: ``TarDamage`` when the archive broke off. One that ends between two members looks whole but for the block
    ///   that every tar ends with.
    func finish() throws(TarDamage) {
        if case .over = phase { return }
        throw TarDamage("it is cut off")
    }

    private static func data(_ size: Int64) -> Phase { size > 0 ? .data(size) : .header }

    private mutating func skip(_ left: Int64, of rest: inout ArraySlice<UInt8>) {
        let size = min(Int(clamping: left), rest.count)
        rest = rest.dropFirst(size)
        phase = Self.data(left - Int64(size))
    }

    private mutating func take(_ size: Int, of rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        let part = rest.prefix(size - pending.count)
        pending += part
        rest = rest.dropFirst(part.count)
        guard pending.count == size else { return nil }
        defer { pending = [] }
        return pending
    }

    private mutating func begin(_ header: TarHeader, _ visit: (TarMember) throws -> Void) throws {
        if header.isZero {
            phase = .over
            return
        }
        try header.check()
        let size = try header.dataSize()
        let padding = (512 - size % 512) % 512
        switch header.type {
        case UInt8(ascii: "L"), UInt8(ascii: "K"), UInt8(ascii: "x"), UInt8(ascii: "g"):
            guard size <= Self.longest else { throw TarDamage("it holds a name of \(size) bytes") }
            phase = size == 0 ? .header : .text(header.type, left: Int(size), padding: padding)
        default:
            let member = try member(header, size)
            // tar reads no data after a hard link, whatever its size says.
            let data = member.kind == .hardLink ? 0 : member.size
            let whole = data + (512 - data % 512) % 512
            let isMapped = header.type == UInt8(ascii: "S") && header.goesOn(isFurther: false)
            phase = isMapped ? .map(whole) : Self.data(whole)
            (longName, longTarget, pax) = (nil, nil, [:])
            count += 1
            try visit(member)
        }
    }

    private func member(_ header: TarHeader, _ size: Int64) throws(TarDamage) -> TarMember {
        let name = pax["GNU.sparse.name"] ?? pax["path"] ?? longName ?? header.name
        var size = size
        if let said = pax["size"] {
            guard let number = Int64(said), number >= 0, number <= 1 << 50 else {
                throw TarDamage("a member has no size that can be")
            }
            size = number
        }
        return TarMember(
            name: name, kind: Self.kind(header.type, name), mode: header.mode, size: size,
            target: pax["linkpath"] ?? longTarget ?? header.target)
    }

    private static func kind(_ type: UInt8, _ name: String) -> TarMember.Kind {
        switch type {
        case 0, UInt8(ascii: " "), UInt8(ascii: "0"), UInt8(ascii: "7"), UInt8(ascii: "S"):
            name.hasSuffix("/") ? .folder : .file
        case UInt8(ascii: "1"): .hardLink
        case UInt8(ascii: "2"): .symbolicLink
        case UInt8(ascii: "3"), UInt8(ascii: "4"): .device
        case UInt8(ascii: "5"): .folder
        case UInt8(ascii: "6"): .pipe
        default: .other(Character(UnicodeScalar(type)))
        }
    }

    // MARK: long values

    private mutating func note(_ type: UInt8, _ text: [UInt8]) throws(TarDamage) {
        switch type {
        case UInt8(ascii: "L"): longName = TarHeader.text(text[...])
        case UInt8(ascii: "K"): longTarget = TarHeader.text(text[...])
        case UInt8(ascii: "x"): pax.merge(try Self.records(text)) { _, later in later }
        default:
            let keys = try Self.records(text).keys
            if let key = keys.first(where: { ["path", "linkpath", "size"].contains($0) || $0.hasPrefix("GNU.sparse") })
            {
                throw TarDamage("it says '\(key)' for all its members at once")
            }
        }
    }

    /// Records of `LENGTH KEY=VALUE\n`, the length being the whole record's.
    private static func records(_ text: [UInt8]) throws(TarDamage) -> [String: String] {
        var records: [String: String] = [:]
        var rest = text[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0 != UInt8(ascii: " ") }
            guard digits.count < 8, let length = Int(String(decoding: digits, as: UTF8.self)),
                length > digits.count + 1, length <= rest.count
            else { throw TarDamage("a pax header is damaged") }
            let record = rest.prefix(length).dropFirst(digits.count + 1).dropLast()
            let key = record.prefix { $0 != UInt8(ascii: "=") }
            records[String(decoding: key, as: UTF8.self)] = String(
                decoding: record.dropFirst(key.count + 1), as: UTF8.self)
            rest = rest.dropFirst(length)
        }
        return records
    }
}
