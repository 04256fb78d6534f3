import Foundation

// The messages of etcd's API version 3 as its gateway writes them: proto3's JSON, which leaves out what is zero, has 64-bit
// numbers as text, and keys and values in base64.

/// A 64-bit number.
struct EtcdNumber: Codable, Hashable, Sendable {
    var value: Int64

    init(_ value: Int64) { self.value = value }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // A number proper is allowed as well.
        if let number = try? container.decode(Int64.self) {
            value = number
            return
        }
        guard let number = Int64(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no 64-bit number")
        }
        value = number
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(String(value))
    }
}

/// What answers begin with.
struct EtcdHeader: Decodable { var revision: EtcdNumber? }

/// A key and what it holds.
struct EtcdPair: Decodable {
    var key: Data
    var createRevision: EtcdNumber
    var modRevision: EtcdNumber
    var value: Data?
    var lease: EtcdNumber?
}

/// Which keys: one, or all from one to before another.
struct EtcdRange: Encodable, Hashable {
    enum Order: String, Encodable { case ascending = "ASCEND", descending = "DESCEND" }

    var key: Data
    var rangeEnd: Data?
    var limit: EtcdNumber?
    var sortOrder: Order?
    var revision: EtcdNumber?

    /// One key.
    init(key: String) { self.key = Data(key.utf8) }

    /// The keys that begin with `prefix`, which is not empty, in order; those after `start` only, where that is given.
    init(prefix: String, after start: Data? = nil, order: Order = .ascending, limit: Int? = nil) {
        key = start.map { $0 + [0] } ?? Data(prefix.utf8)
        // No key has a byte of 255, for keys are text.
        var end = Array(prefix.utf8)
        end[end.count - 1] += 1
        rangeEnd = Data(end)
        sortOrder = order
        self.limit = limit.map { EtcdNumber(Int64($0)) }
    }
}

struct EtcdRangeAnswer: Decodable {
    var header: EtcdHeader?
    var kvs: [EtcdPair]?
    var more: Bool?
}

/// A condition of a transaction: that a key was last written at a revision, or is not there (0).
struct EtcdCompare: Encodable {
    let key: Data
    let target = "MOD"
    let result = "EQUAL"
    let modRevision: EtcdNumber

    init(key: Data, modRevision: EtcdNumber) { (self.key, self.modRevision) = (key, modRevision) }
}

struct EtcdPut: Encodable {
    var key: Data
    var value: Data
    var lease: EtcdNumber?
}

struct EtcdDelete: Encodable {
    var key: Data
    var rangeEnd: Data?
}

/// A step of a transaction: one of these.
struct EtcdStep: Encodable {
    var requestRange: EtcdRange?
    var requestPut: EtcdPut?
    var requestDeleteRange: EtcdDelete?
}

struct EtcdTransaction: Encodable {
    var compare: [EtcdCompare] = []
    var success: [EtcdStep]
}

struct EtcdTransactionAnswer: Decodable {
    struct Part: Decodable { var responseRange: EtcdRangeAnswer? }

    var header: EtcdHeader?
    var succeeded: Bool?
    var responses: [Part]?
}

struct EtcdLeaseRequest: Encodable {
    // As etcd spells them.
    enum CodingKeys: String, CodingKey { case id = "ID", timeToLive = "TTL" }

    var id: EtcdNumber?
    var timeToLive: EtcdNumber?
}

struct EtcdLeaseAnswer: Decodable {
    enum CodingKeys: String, CodingKey { case id = "ID", timeToLive = "TTL" }

    var id: EtcdNumber?
    /// In seconds; a lease that is gone has none.
    var timeToLive: EtcdNumber?
}

/// What a stream of one answer is wrapped in.
struct EtcdStreamed<Answer: Decodable>: Decodable { var result: Answer }

struct EtcdLogin: Encodable { var name, password: String }

struct EtcdLoginAnswer: Decodable { var token: String }

/// Nothing that matters.
struct EtcdNothing: Codable {}

/// Why a request was refused.
struct EtcdRefusal: Decodable {
    var code: Int?
    var message: String?
    var error: String?

    /// gRPC's codes for what is told apart.
    static let invalid = 3, missing = 5, denied = 7, exhausted = 8, precondition = 9, unavailable = 14, unknownUser = 16
    /// What a member says that has lost the others, in every version.
    var isUnavailable: Bool { code == Self.unavailable || code == 4 || code == 2 && text.contains("no leader") }

    var text: String { (message ?? error ?? "").replacing("etcdserver: ", with: "") }
}

struct EtcdHealth: Decodable { var health: String }
