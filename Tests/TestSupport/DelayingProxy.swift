import Foundation

/// A TCP proxy on loopback that holds back what passes, each way, and notes which way it went.
public final class DelayingProxy: Sendable {
    /// Where it listens.
    public let port: UInt16
    private let log: URL

    private init(port: UInt16, log: URL) { (self.port, self.log) = (port, log) }

    /// Runs `body` with a proxy in front of a port of this machine.
    public static func with<Result>(
        to target: UInt16, milliseconds: Int, _ body: (DelayingProxy) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let log = folder.appendingPathComponent("log")
            return try await withProxyProgram(program, [String(target), String(milliseconds), log.path]) {
                try await body(DelayingProxy(port: $0, log: log))
            }
        }
    }

    /// How often the server answered what the client had said since the answer before.
    public var roundTrips: Int {
        get throws {
            let turns = try String(contentsOf: log, encoding: .utf8)
            return turns.reduce(into: (count: 0, last: Character("<"))) { state, turn in
                if turn == "<", state.last == ">" { state.count += 1 }
                state.last = turn
            }.count
        }
    }

    private static let program = """
        import asyncio, sys
        target, delay, log = int(sys.argv[1]), int(sys.argv[2]) / 1000, open(sys.argv[3], "w", buffering=1)
        async def pump(reader, writer, turn):
            loop = asyncio.get_running_loop()
            late = asyncio.Queue()
            async def forward():
                while True:
                    due, data = await late.get()
                    await asyncio.sleep(max(0, due - loop.time()))
                    if not data:
                        return writer.close()
                    log.write(turn)
                    log.flush()
                    writer.write(data)
            task = asyncio.create_task(forward())
            while data := await reader.read(65536):
                late.put_nowait((loop.time() + delay, data))
            late.put_nowait((loop.time() + delay, b""))
            await task
        async def accept(reader, writer):
            inner, outer = await asyncio.open_connection("127.0.0.1", target)
            await asyncio.gather(pump(reader, outer, ">"), pump(inner, writer, "<"))
        async def main():
            server = await asyncio.start_server(accept, "127.0.0.1", 0)
            print(server.sockets[0].getsockname()[1])
            await server.serve_forever()
        asyncio.run(main())
        """
}
