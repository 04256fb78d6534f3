import Fleet
import Synchronization

/// A place among those who shake hands. A host that makes us wait gives it to others, and goes on beside them.
struct HandshakeSlot {
    private let permit: AsyncSemaphore.Permit
    private let loop: SessionLoop
    private let patience: TriggerID

    /// - Parameter patience: How long the place is kept.
    init(_ permit: AsyncSemaphore.Permit, for patience: Duration, on loop: SessionLoop) {
        (self.permit, self.loop) = (permit, loop)
        self.patience = loop.after(patience) { permit.release() }
    }

    /// The same place for another time, if it is still held.
    func kept(for patience: Duration) -> HandshakeSlot {
        loop.drop(self.patience)
        return HandshakeSlot(permit, for: patience, on: loop)
    }

    func leave() {
        loop.drop(patience)
        permit.release()
    }
}

/// The places before each sshd: it turns connections away while many are logging in (MaxStartups), whatever names it has.
final class Doors: Sendable {
    private let places: Int
    private let doors = Mutex<[String: AsyncSemaphore]>([:])
    /// When nobody answered at an address.
    private let silences = Mutex<[String: ContinuousClock.Instant]>([:])
    /// How long an address may take that somebody answers at; where nobody does, nobody is turned away either.
    static let patience: Duration = .milliseconds(100)
    /// How long an sshd that was connected to may take for its first line; one that is stuck turns nobody away.
    static let greetingPatience: Duration = .seconds(1)

    /// How long an address is waited for where nobody answered just before: enough for one that answers by now.
    static let briefPatience: Duration = .seconds(2)
    /// How long that is remembered.
    private static let memory: Duration = .seconds(30)

    /// - Parameter places: How many connections to one address may be logging in.
    init(places: Int) { self.places = places }

    /// How long `address` is waited for: `usual`, but no time to speak of again where it was silent just before.
    func patience(at address: SocketAddress, usual: Duration) -> Duration {
        let silence = silences.withLock { $0[address.description] }
        guard let silence, .now - silence < Self.memory else { return usual }
        return min(usual, Self.briefPatience)
    }

    /// Remembers whether somebody answered at `address`, if only to refuse.
    func note(at address: SocketAddress, isSilent: Bool) {
        silences.withLock { $0[address.description] = isSilent ? .now : nil }
    }

    /// The places before `address`.
    func places(at address: SocketAddress) -> AsyncSemaphore {
        doors.withLock { doors in
            if let door = doors[address.description] { return door }
            let door = AsyncSemaphore(places)
            doors[address.description] = door
            return door
        }
    }
}
