import Fleet
import Foundation
import Glibc

/// A folder of this user's alone for one master's socket, and for keys that are known by no file.
struct ControlFolder: Sendable {
    let path: String
    /// The name that the master listens by. The kernel takes 107 bytes, and `ssh` appends 17 while it makes the socket.
    var socket: String { path + "/s" }
    private static let longest = 80

    /// - Returns: `nil` when no folder can be made; `errno` says why.
    init?() {
        let places = [ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"], NSTemporaryDirectory(), "/tmp"]
        for place in places.compactMap(\.self) where !place.isEmpty && place.utf8.count < Self.longest - 20 {
            var template = Array("\(place.hasSuffix("/") ? place : place + "/")drover-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { continue }
            path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return
        }
        return nil
    }

    /// Writes down the keys that the inventory names for a host.
    /// - Returns: The file.
    func write(pinned keys: [String], named name: String) throws(TransportFileError) -> String {
        let file = path + "/known_hosts"
        let text = keys.map { "\(name) \($0)\n" }.joined()
        do {
            try text.write(toFile: file, atomically: false, encoding: .utf8)
        } catch {
            throw TransportFileError(reason: error.localizedDescription)
        }
        return file
    }

    /// Takes it away.
    func remove() {
        // The master's guardian may have been there before.
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Where `ssh` looks for a host's key.
struct HostKeyKnowledge {
    /// Files in the form of known_hosts.
    var files: [String]
    /// The name to look for, and no other; `nil` leaves that to `ssh`, which takes lines without a port for hosts with one,
    /// and must be free to compare a certificate with the bare name.
    var name: String?
}

/// Why a file of ours could not be written.
struct TransportFileError: Error {
    let reason: String
}
