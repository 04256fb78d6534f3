import DequeModule

/// Who is through a semaphore, and who waits. It acts on nothing itself: whoever it names is to be woken.
struct WaitingLine<Waiter> {
    private struct Place {
        var ticket: Int
        var waiter: Waiter
    }

    private var free: Int
    private var lastTicket = 0
    /// Tickets of those who are on their way to the line.
    private var drawn: Set<Int> = []
    private var waiting: Deque<Place> = []

    init(free: Int) { self.free = free }

    /// How many wait.
    var count: Int { waiting.count }

    /// - Returns: The ticket to wait with; `nil` for who is through at once.
    mutating func enter() -> Int? {
        if goThrough() { return nil }
        lastTicket += 1
        drawn.insert(lastTicket)
        return lastTicket
    }

    /// Takes a place at the end of the line.
    /// - Returns: Whether the waiter is through; `nil` while it has to wait.
    mutating func wait(with ticket: Int, _ waiter: Waiter) -> Bool? {
        guard drawn.remove(ticket) != nil else { return false }
        // The last one may have given back since the ticket was drawn.
        if goThrough() { return true }
        waiting.append(Place(ticket: ticket, waiter: waiter))
        return nil
    }

    /// Gives a ticket up.
    /// - Returns: Its waiter, to be told so; `nil` when it does not wait yet, or is through.
    mutating func leave(_ ticket: Int) -> Waiter? {
        if drawn.remove(ticket) != nil { return nil }
        return waiting.firstIndex { $0.ticket == ticket }.map { waiting.remove(at: $0).waiter }
    }

    /// - Returns: The waiter that is through now, if one waits.
    mutating func giveBack() -> Waiter? {
        guard let next = waiting.popFirst() else {
            free += 1
            return nil
        }
        return next.waiter
    }

    /// Nobody waits while there is room.
    private mutating func goThrough() -> Bool {
        guard free > 0 else { return false }
        free -= 1
        return true
    }
}
