import Fleet
import Synchronization

/// Where requests to a rollout arrive that this process drives. Each is given out once.
public final class RolloutInbox: Sendable {
    private struct Contents {
        var subject: RolloutRequest.Subject?
        var known: Set<String> = []
        var waiting: [RolloutRequest] = []
    }

    private let contents = Mutex(Contents())
    private let bell = Doorbell()

    /// An empty inbox.
    public init() {}

    /// Takes in requests about `rollout` alone from here on.
    func open(for rollout: RolloutRequest.Subject) {
        contents.withLock { contents in
            contents.subject = rollout
            contents.waiting.removeAll { $0.rollout != rollout }
        }
    }

    /// What stands on hosts already is no word to whoever comes after it.
    func pass(over requests: [RolloutRequest]) {
        contents.withLock { $0.known.formUnion(requests.map(\.id)) }
    }

    /// Takes requests in, but for those that were taken in before.
    public func put(_ requests: [RolloutRequest]) {
        let hasNews = contents.withLock { contents in
            let news = requests.filter { request in
                (contents.subject == nil || contents.subject == request.rollout)
                    && contents.known.insert(request.id).inserted
            }
            contents.waiting += news
            return !news.isEmpty
        }
        if hasNews { bell.ring() }
    }

    /// Gives out what has arrived.
    func take() -> [RolloutRequest] {
        bell.silence()
        return contents.withLock { contents in
            defer { contents.waiting = [] }
            return contents.waiting
        }
    }

    /// Waits until something arrives; ends at once when it is cancelled.
    func arrival() async { await bell.wait() }
}
