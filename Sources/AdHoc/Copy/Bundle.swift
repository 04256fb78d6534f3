import Fleet
import Foundation

/// Small files that go to a host in one command, since a command of its own would cost more than the file.
struct Bundle: Sendable, Equatable {
    enum Parcel: Sendable, Equatable {
        case single(CopyPlan.Transfer)
        case bundle(Bundle)
    }

    var transfers: [CopyPlan.Transfer] = []

    /// Files up to this size are bundled.
    static let smallFile = 256 * 1024
    /// How much a bundle holds, so that little has to be repeated when the connection is lost.
    private static let mostBytes = 4 << 20
    private static let mostFiles = 500

    static func parcels(of transfers: [CopyPlan.Transfer]) -> [Parcel] {
        var parcels: [Parcel] = []
        var open = Bundle()
        var bytes = 0
        func close() {
            if !open.transfers.isEmpty { parcels.append(.bundle(open)) }
            (open, bytes) = (Bundle(), 0)
        }
        for transfer in transfers {
            // sha256sum -c reads names line by line, and escapes these.
            let isPlain = !transfer.path.contains { $0 == "\n" || $0 == "\\" || $0 == "\r" || $0 == "\r\n" }
            guard transfer.size <= smallFile, isPlain else {
                parcels.append(.single(transfer))
                continue
            }
            if open.transfers.count == mostFiles || bytes + transfer.size > mostBytes { close() }
            open.transfers.append(transfer)
            bytes += transfer.size
        }
        close()
        return parcels
    }

    /// Receives every file beside its place, checks all of them, and only then puts them there.
    ///
    /// - Parameter word: Ends the names that files have meanwhile; nobody must be able to guess it.
    /// - Throws: ``TransportError`` of `.fileUnreadable` for a file that can't be read.
    func command(_ word: String, _ privilege: Privilege, _ host: HostName) throws(TransportError) -> RemoteCommand {
        var input: [UInt8] = []
        var sizes: [String] = []
        var digests: [String] = []
        for transfer in transfers {
            guard let data = FileManager.default.contents(atPath: transfer.source) else {
                throw TransportError(.fileUnreadable, host: host, "cannot read \(transfer.source)")
            }
            let bytes = Array(data)
            input += bytes
            sizes.append("take \(bytes.count) \(RemoteCommand.quote(temporary(transfer.path, word)))")
            digests.append("\(DigestCache.digest(of: bytes))  \(temporary(transfer.path, word))")
        }
        let places = transfers.map {
            "put \(String($0.mode, radix: 8)) \(RemoteCommand.quote(temporary($0.path, word))) \(RemoteCommand.quote($0.path))"
        }
        let script = """
            umask 077
            take() { head -c "$1" >"$2" || fail; }
            put() { chmod "$1" "$2" && mv -fT -- "$2" "$3" || fail; }
            fail() { rm -f -- \(transfers.map { RemoteCommand.quote(temporary($0.path, word)) }.joined(separator: " ")); exit 1; }
            \(sizes.joined(separator: "\n"))
            sha256sum -c --quiet <<'DROVER_DIGESTS' || fail
            \(digests.joined(separator: "\n"))
            DROVER_DIGESTS
            \(places.joined(separator: "\n"))
            """
        return RemoteCommand(shell: script, privilege: privilege, input: input)
    }

    private func temporary(_ path: String, _ word: String) -> String {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return path.dropLast(name.count) + "." + name.prefix(100) + "." + word
    }
}
