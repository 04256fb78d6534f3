import Fleet
import Synchronization
import TestSupport
import Testing

@testable import Rollouts

/// Controllers that change one stage at the same time, and stand still, vanish or have another time in the middle of it.
@Suite(.timeLimit(.minutes(3))) struct ExtremeLeaseTests {
    /// What befalls a controller at one of its writes.
    enum Mishap: CaseIterable, Sendable {
        case none, pause, vanishing, silence
    }

    /// A controller with a journal and a clock of its own.
    private struct Racer: Sendable {
        let number: Int
        let journal = MemoryJournal()
        let mishap: Mishap
        let moment: Int
        /// By how much its clock is wrong.
        let offset: Duration

        init(_ number: Int, _ dice: inout Dice) {
            self.number = number
            mishap = Mishap.allCases.randomElement(using: &dice) ?? .none
            moment = Int.random(in: 0..<6, using: &dice)
            offset = [.zero, .seconds(7200), .seconds(-7200)].randomElement(using: &dice) ?? .zero
        }
    }

    private struct Vanished: Error {}

    /// 1,000 races of two to four controllers over five hosts: nobody writes anywhere once another may.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func nobodyWritesWhereAnotherHasTheLease(seed: UInt64) async throws {
        var dice = Dice(seed)
        for _ in 0..<50 {
            let board = NoteBoard()
            let racers = (1...Int.random(in: 2...4, using: &dice)).map { Racer($0, &dice) }
            let orders = racers.map { _ in Dice(dice.next()) }
            await withDiscardingTaskGroup { group in
                for (racer, order) in zip(racers, orders) { group.addTask { await Self.race(racer, board, order) } }
            }
            let written = board.written.withLock { $0 }
            for host in Set(written.map(\.host)) {
                let tokens = written.filter { $0.host == host }.map(\.token)
                #expect(tokens == tokens.sorted(), "seed \(seed): \(host) was written under \(tokens)")
            }
            // Whoever comes now gets the stage, at the latest when the time of a vanished one is over.
            board.pass(.seconds(31))
            try await Self.keeper(Racer(9, &dice), board).hold("production") { _, _ in }
        }
    }

    private static func hosts() -> [HostName] { (1...5).compactMap { try? HostName("h\($0)") } }

    private static func keeper(_ racer: Racer, _ board: NoteBoard) -> LeaseKeeper {
        let now = Timestamp(milliseconds: 10_000_000) + racer.offset
        return LeaseKeeper(
            journal: racer.journal,
            notes: { token in
                StageNotes("production", YieldingControl(control: BoardControl(board: board, token: token)), hosts())
            },
            holder: "\(racer.number)@elsewhere:1", now: { now },
            sleep: { _ in
                for _ in 0..<50 { await Task.yield() }
                try Task.checkCancellation()
            })
    }

    private static func race(_ racer: Racer, _ board: NoteBoard, _ order: Dice) async {
        let order = Mutex(order)
        for _ in 0..<3 {
            do {
                try await keeper(racer, board).hold("production") { lease, _ in
                    let control = BoardControl(board: board, token: lease.token)
                    for write in 0..<6 {
                        if write == racer.moment { try await befall(racer, board) }
                        let host = order.withLock { hosts().randomElement(using: &$0) ?? hosts()[0] }
                        let note = StageNote(token: lease.token, current: nil, previous: nil, builds: [], changes: [])
                        try await control.write(note, on: host)
                        await Task.yield()
                    }
                }
            } catch {
                // Refused, fenced, or gone: each is an end like another here; what was written is what counts.
                await Task.yield()
            }
        }
    }

    private static func befall(_ racer: Racer, _ board: NoteBoard) async throws {
        switch racer.mishap {
        case .none: break
        case .pause:
            // Past its lease's time, and others have some for themselves.
            board.pass(.seconds(40))
            for _ in 0..<200 { await Task.yield() }
        case .vanishing: throw Vanished()
        case .silence:
            let host = hosts()[racer.number]
            board.change(host) { $0.isSilent = true }
            for _ in 0..<20 { await Task.yield() }
            board.change(host) { $0.isSilent = false }
        }
    }
}

/// Lets others come between any two calls.
private struct YieldingControl: NoteControl {
    let control: BoardControl

    func notes(on host: HostName) async throws(RolloutError) -> HostNotes {
        await Task.yield()
        return try await control.notes(on: host)
    }

    func take(_ lease: StageLease, replacing token: Int64?, on host: HostName) async throws(RolloutError) -> HostNotes {
        await Task.yield()
        return try await control.take(lease, replacing: token, on: host)
    }

    func renew(_ lease: StageLease, on host: HostName) async throws(RolloutError) -> [RolloutRequest] {
        await Task.yield()
        return try await control.renew(lease, on: host)
    }

    func post(_ request: RolloutRequest, on host: HostName) async throws(RolloutError) {
        try await control.post(request, on: host)
    }

    func release(_ token: Int64, isRevoked: Bool, on host: HostName) async throws(RolloutError) {
        await Task.yield()
        try await control.release(token, isRevoked: isRevoked, on: host)
    }

    func write(_ note: RolloutNote, on host: HostName) async throws(RolloutError) {
        try await control.write(note, on: host)
    }

    func write(_ note: StageNote, on host: HostName) async throws(RolloutError) {
        try await control.write(note, on: host)
    }
}
