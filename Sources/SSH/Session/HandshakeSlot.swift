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
    /// How long an address may take that somebody answers at; where nobody does, nobody is turned away either.
    static let patience: Duration = .milliseconds(100)
    /// How long an sshd that was connected to may take for its first line; one that is stuck turns nobody away.
    static let greetingPatience: Duration = .seconds(1)

    /// - Parameter places: How many connections to one address may be logging in.
    init(places: Int) { self.places = places }

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
