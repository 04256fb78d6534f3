import Fleet
import Foundation
import Synchronization

/// Asks the members of an etcd cluster, one after the other until one answers.
final class EtcdClient: Sendable {
    let place: EtcdPlace
    private let web: any WebExchange
    private let session = Mutex(Session())
    /// How long a member may take. One that has lost the others says so after 7 s.
    private static let timeout = Duration.seconds(8)
    /// How long a cluster may take to agree on another leader.
    private static let patience = Duration.seconds(20)
    /// How long members that can't write may take to be able to, before anything is done.
    private static let agreement = Duration.seconds(8)

    private struct Session {
        /// The member that answered last.
        var preferred = 0
        var token: String?
    }

    init(_ place: EtcdPlace, web: any WebExchange) { (self.place, self.web) = (place, web) }

    // MARK: before anything is done

    /// Finds a member that can write.
    ///
    /// Where most members answer and none can write, they may be electing a leader or wait for a slow disk: they are asked
    /// again for a while.
    /// - Throws: ``JournalError`` `.storage` with what each member says when none can: within two seconds or so where too few
    ///   answer.
    func findMember() async throws(JournalError) {
        let end = ContinuousClock.now + Self.agreement
        while true {
            let states = await memberStates()
            if let healthy = states.firstIndex(of: .healthy) {
                return session.withLock { $0.preferred = healthy }
            }
            let mayAgree = states.count { $0 == .unhealthy } > place.endpoints.count / 2
            guard mayAgree, ContinuousClock.now < end else {
                throw .etcdIsAway(place, zip(place.endpoints, states).map { ($0, $1.reason) })
            }
            // Nobody wakes it early.
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    /// What a member says of itself.
    private enum MemberState: Equatable {
        case healthy
        /// It answers, and can't write.
        case unhealthy
        case away(String)

        var reason: String {
            switch self {
            case .healthy: "it is healthy"
            case .unhealthy: "it has lost the other members (no quorum), or cannot write"
            case .away(let reason): reason
            }
        }
    }

    /// Asks all at once. The first that is healthy will do: the others are not waited for.
    private func memberStates() async -> [MemberState] {
        let (place, web) = (place, web)
        return await withTaskGroup(of: (Int, MemberState).self) { group in
            for (index, endpoint) in place.endpoints.enumerated() {
                group.addTask { (index, await Self.state(of: place.url(of: endpoint), web)) }
            }
            var states = [MemberState](repeating: .away("no answer"), count: place.endpoints.count)
            for await (index, state) in group {
                states[index] = state
                if state == .healthy {
                    group.cancelAll()
                    break
                }
            }
            return states
        }
    }

    private static func state(of url: String, _ web: any WebExchange) async -> MemberState {
        do throws(WebFailure) {
            let reply = try await web.exchange(WebCall("\(url)/health", timeout: .seconds(3)))
            // As said below.
            guard let health = try? JSONDecoder().decode(EtcdHealth.self, from: Data(reply.body)) else {
                return .away("what answers there is no etcd (status \(reply.status))")
            }
            return health.health == "true" ? .healthy : .unhealthy
        } catch {
            return .away(error.reason)
        }
    }

    // MARK: asking

    /// Asks one member after the other, for as long as a cluster may be without a leader.
    /// - Parameter isRepeatable: Whether asking again is harmless where it may have been done already.
    func call<Answer: Decodable>(
        _ path: String, _ request: some Encodable & Sendable, isRepeatable: Bool = true,
        as type: Answer.Type = Answer.self
    ) async throws(EtcdFailure) -> Answer {
        let body = Self.body(of: request)
        let end = ContinuousClock.now + Self.patience
        while true {
            var reasons: [(String, String)] = []
            for endpoint in endpointsInTurn() {
                switch await ask(endpoint, path, body) {
                case .answer(let data): return try decoded(data, path)
                case .refused(let refusal): throw failure(refusal)
                case .away(let reason, let mayHaveArrived):
                    reasons.append((endpoint, reason))
                    if mayHaveArrived && !isRepeatable { throw .unknown(.etcdIsAway(place, reasons)) }
                }
                pass(by: endpoint)
            }
            if ContinuousClock.now >= end { throw .refused(.etcdIsAway(place, reasons)) }
            // Nobody wakes it early.
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    private enum Outcome {
        case answer(Data)
        case refused(EtcdRefusal)
        case away(String, mayHaveArrived: Bool)
    }

    private func ask(_ endpoint: String, _ path: String, _ body: [UInt8]) async -> Outcome {
        let first = await askOnce(endpoint, path, body)
        guard case .refused(let refusal) = first, refusal.code == EtcdRefusal.unknownUser, place.user != nil else {
            return first
        }
        // Tokens end by themselves.
        session.withLock { $0.token = nil }
        return await askOnce(endpoint, path, body)
    }

    private func askOnce(_ endpoint: String, _ path: String, _ body: [UInt8]) async -> Outcome {
        var headers = ["Content-Type": "application/json"]
        if let user = place.user, session.withLock({ $0.token }) == nil {
            switch await login(user, endpoint) {
            case .answer: break
            case let other: return other
            }
        }
        if let token = session.withLock({ $0.token }) { headers["Authorization"] = token }
        return await post(endpoint, path, body, headers)
    }

    private func login(_ user: String, _ endpoint: String) async -> Outcome {
        let login = EtcdLogin(name: user, password: place.password?.reveal() ?? "")
        let outcome = await post(endpoint, "auth/authenticate", Self.body(of: login), [:])
        guard case .answer(let data) = outcome else { return outcome }
        // As said here.
        guard let answer = try? Self.decoder.decode(EtcdLoginAnswer.self, from: data) else {
            return .away("it gives no token to '\(user)'", mayHaveArrived: false)
        }
        session.withLock { $0.token = answer.token }
        return outcome
    }

    private func post(
        _ endpoint: String, _ path: String, _ body: [UInt8], _ headers: [String: String]
    ) async -> Outcome {
        let call = WebCall(
            "\(place.url(of: endpoint))/v3/\(path)", headers: headers, body: body, timeout: Self.timeout)
        let reply = await Result { () async throws(WebFailure) in try await web.exchange(call) }
        switch reply {
        case .failure(let failure): return .away(failure.reason, mayHaveArrived: failure.mayHaveArrived)
        case .success(let reply) where reply.status == 200: return .answer(Data(reply.body))
        case .success(let reply):
            // As said here.
            guard let refusal = try? Self.decoder.decode(EtcdRefusal.self, from: Data(reply.body)) else {
                return .away("what answers there is no etcd (status \(reply.status))", mayHaveArrived: true)
            }
            return refusal.isUnavailable ? .away(refusal.text, mayHaveArrived: true) : .refused(refusal)
        }
    }

    private func failure(_ refusal: EtcdRefusal) -> EtcdFailure {
        refusal.code == EtcdRefusal.missing && refusal.text.contains("lease not found")
            ? .leaseGone : .refused(.etcdRefuses(place, refusal))
    }

    // MARK: turns

    private func endpointsInTurn() -> [String] {
        let preferred = session.withLock { $0.preferred }
        return Array(place.endpoints[preferred...] + place.endpoints[..<preferred])
    }

    private func pass(by endpoint: String) {
        session.withLock { session in
            guard place.endpoints[session.preferred] == endpoint else { return }
            session.preferred = (session.preferred + 1) % place.endpoints.count
        }
    }

    // MARK: messages

    private static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }()

    private static func body(of request: some Encodable) -> [UInt8] {
        // Messages hold text and numbers only, which can be encoded whatever they are. The gateway takes names as they are here.
        Array((try? JSONEncoder().encode(request)) ?? Data())
    }

    private func decoded<Answer: Decodable>(_ data: Data, _ path: String) throws(EtcdFailure) -> Answer {
        do {
            return try Self.decoder.decode(Answer.self, from: data)
        } catch {
            throw .unknown(
                JournalError(
                    .storage, subject: place.description, "etcd's answer to \(path) is none that is known: \(error)",
                    hints: ["drover speaks version 3 of its API (etcd 3.4 and later)"]))
        }
    }
}
