import Foundation

/// A TCP proxy on loopback that resets connections at a chosen moment, and counts what goes through.
public final class CuttingProxy: Sendable {
    /// When a connection is reset, at both ends.
    public enum Moment: Sendable, CustomStringConvertible {
        /// As soon as it is there.
        case accepted
        /// When the server has said its first line.
        case greeted
        /// When a packet of this number (RFC 4253, section 12) has come from the server, before keys are in use.
        case message(UInt8)
        /// When the client has sent so many bytes.
        case sent(Int)

        /// In a word.
        public var description: String {
            switch self {
            case .accepted: "accepted 0"
            case .greeted: "greeted 0"
            case .message(let number): "message \(number)"
            case .sent(let count): "sent \(count)"
            }
        }
    }

    /// What happens once a connection was reset.
    public enum Afterwards: String, Sendable {
        /// The next ones are reset at the same moment.
        case again
        /// The next ones go through.
        case through
        /// Nobody can connect any more.
        case away
        /// They are not reset, but left in silence at that moment, and the next ones too: as by a frozen host.
        case silence
    }

    /// Where it listens.
    public let port: UInt16
    private let log: URL

    private init(port: UInt16, log: URL) { (self.port, self.log) = (port, log) }

    /// Runs `body` with a proxy in front of a port of this machine.
    public static func with<Result>(
        to target: UInt16, cuttingWhen moment: Moment, then afterwards: Afterwards = .again,
        _ body: (CuttingProxy) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let log = folder.appendingPathComponent("log")
            let moment = moment.description.split(separator: " ").map(String.init)
            return try await withProxyProgram(program, [String(target), afterwards.rawValue, log.path] + moment) {
                try await body(CuttingProxy(port: $0, log: log))
            }
        }
    }

    /// How many bytes each connection has brought from its client, in the order they were made.
    public var sent: [Int] {
        get throws {
            let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n").suffix(1)
            return lines.last?.split(separator: " ").compactMap { Int($0) } ?? []
        }
    }

    private static let program = """
        import asyncio, socket, struct, sys
        target, afterwards, moment, number = int(sys.argv[1]), sys.argv[2], sys.argv[4], int(sys.argv[5])
        log, sent, cuts, server = open(sys.argv[3], "w", buffering=1), [], 0, None
        def reset(*writers):
            global cuts
            cuts += 1
            if afterwards == "away":
                server.close()
            for writer in writers:
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                writer.transport.abort()
        class Packets:
            def __init__(self): self.rest, self.greeted, self.keyed = b"", False, False
            def reached(self, data):
                self.rest += data
                while True:
                    if not self.greeted:
                        line, found, rest = self.rest.partition(b"\\n")
                        if not found: return False
                        self.greeted, self.rest = line.startswith(b"SSH-"), rest
                        if self.greeted and moment == "greeted": return True
                        continue
                    if self.keyed or len(self.rest) < 6: return False
                    length = 4 + int.from_bytes(self.rest[:4], "big")
                    if len(self.rest) < length: return False
                    kind, self.rest = self.rest[5], self.rest[length:]
                    self.keyed = kind == 21
                    if moment == "message" and kind == number: return True
        async def pump(reader, writer, writers, check, frozen):
            while data := await reader.read(65536):
                is_reached = check(data)
                if frozen.is_set(): await asyncio.Event().wait()
                writer.write(data)
                await writer.drain()
                if is_reached and afterwards == "silence":
                    frozen.set()
                    await asyncio.Event().wait()
                if is_reached: return reset(*writers)
            writer.close()
        async def accept(reader, writer):
            index, is_cut, frozen = len(sent), afterwards == "again" or cuts == 0, asyncio.Event()
            sent.append(0)
            if moment == "accepted" and afterwards == "silence": await asyncio.Event().wait()
            if is_cut and moment == "accepted": return reset(writer)
            inner, outer = await asyncio.open_connection("127.0.0.1", target)
            packets, both = Packets(), (writer, outer)
            def count(data):
                sent[index] += len(data)
                log.write(" ".join(map(str, sent)) + "\\n")
                return is_cut and moment == "sent" and sent[index] >= number
            both_ways = [pump(reader, outer, both, count, frozen)]
            both_ways.append(pump(inner, writer, both, lambda data: is_cut and packets.reached(data), frozen))
            await asyncio.gather(*both_ways, return_exceptions=True)
        async def main():
            global server
            server = await asyncio.start_server(accept, "127.0.0.1", 0)
            print(server.sockets[0].getsockname()[1])
            await asyncio.Event().wait()
        asyncio.run(main())
        """
}
