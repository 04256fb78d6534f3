import Fleet
import Foundation
import Synchronization

/// Asks for a gate's page, through every balancer or on each host of the batch.
struct PageQuestion: Sendable {
    let page: PageGate
    let site: StageSite
    let releases: any ReleaseControl
    let web: any WebClient

    /// How many redirects are followed, one after the other.
    private static let mostRedirects = 5

    /// The gate that asks it.
    var gate: Gate {
        Gate(name: page.name, watching: .throughout) { hosts in
            page.destination == .balancers ? await throughBalancers() : await on(hosts)
        }
    }

    private func throughBalancers() async -> (Verdict, reason: String) {
        for address in site.balancerAddresses {
            var request = WebRequest(address: address, port: page.port ?? 80, path: page.path, timeout: page.timeout)
            (request.method, request.hostName, request.headers) = (page.method, page.hostName, page.headers)
            let asked = request
            let fault = await fault(request) { path in
                var request = asked
                request.path = path
                return await web.fetch(request)
            }
            if let fault { return (.fail, "\(request.url) \(fault)") }
        }
        return (.pass, "\(expected) through \(site.balancerAddresses.count.of("balancer"))")
    }

    /// A host that does not answer at all is told by its confirmation, which knows the budget.
    private func on(_ hosts: [HostName]) async -> (Verdict, reason: String) {
        for host in hosts {
            // Nobody says that a host of a tier without a port listens anywhere.
            guard let member = site.pool.members.first(where: { $0.host == host }), let usual = site.port(of: host)
            else { continue }
            var request = WebRequest(address: member.address, port: page.port ?? usual, path: page.path)
            (request.method, request.hostName, request.headers) = (page.method, page.hostName, page.headers)
            let asked = request
            let isGone = Mutex(false)
            let fault = await fault(request) { path in
                var request = asked
                request.path = path
                return await fetch(request, on: host, isGone)
            }
            if isGone.withLock({ $0 }) { continue }
            if let fault { return (.fail, "\(page.method) \(page.path) at \(host):\(request.port) \(fault)") }
        }
        return (.pass, "\(expected) on \(hosts.count.of("host"))")
    }

    private func fetch(
        _ request: WebRequest, on host: HostName, _ isGone: borrowing Mutex<Bool>
    ) async -> Result<WebPage, WebFailure> {
        do throws(RolloutError) {
            let text = try await releases.ask(PageScript(request).script, on: host)
            return PageScript.answer(text)
        } catch {
            if error.code == .unreachable { isGone.withLock { $0 = true } }
            return .failure(WebFailure(error.message, mayHaveArrived: true))
        }
    }

    private var expected: String {
        let ends = [page.expect.lowerBound, page.expect.upperBound]
        return ends[0] == ends[1] ? "\(ends[0])" : "\(ends[0])-\(ends[1])"
    }

    /// What is wrong with the page; `nil` when nothing is.
    private func fault(
        _ request: WebRequest, _ fetch: (_ path: String) async -> Result<WebPage, WebFailure>
    ) async -> String? {
        var path = page.path
        for _ in 0...Self.mostRedirects {
            let found: WebPage
            switch await fetch(path) {
            case .failure(let failure): return "gives \(failure.reason)"
            case .success(let page): found = page
            }
            guard page.follows, (300..<400).contains(found.status), let location = found["Location"].first else {
                return page.fault(found)
            }
            guard
                let next = PageGate.path(of: location, beside: path, on: [request.host, page.hostName ?? request.host])
            else { return "is redirected to another host: \(location.prefix(100))" }
            path = next
        }
        return "is redirected more than \(Self.mostRedirects) times"
    }
}

extension PageGate {
    /// What is wrong with an answer; `nil` when nothing is.
    func fault(_ found: WebPage) -> String? {
        guard expect.contains(found.status) else {
            let location = (300..<400).contains(found.status) ? found["Location"].first : nil
            return "gives \(WebAnswer.status(found.status, location: location.map { String($0.prefix(100)) }))"
        }
        for (name, match) in header.sorted(by: { $0.key < $1.key }) where !found[name].contains(where: match.matches) {
            let said = found[name].first.map { "has \(name): \($0.prefix(100))" } ?? "has no \(name)"
            return "\(said), without '\(match)'"
        }
        guard let body, !body.matches(String(decoding: found.body, as: UTF8.self)) else { return nil }
        return "has a body of \(found.body.count.of("byte")) without '\(body)'"
    }

    /// The path that a redirect leads to; `nil` where it leads to another host, or is none.
    static func path(of location: String, beside path: String, on hosts: [String]) -> String? {
        let isPlain = location.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isPlain, location.utf8.count <= 2000, !location.hasPrefix("//") else { return nil }
        if location.hasPrefix("/") { return location }
        guard let colons = location.range(of: "://") else {
            // Beside the page: its last part is replaced.
            let folder = path.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            return folder.joined(separator: "/") + "/" + location
        }
        guard location[..<colons.lowerBound] == "http" else { return nil }
        let rest = location[colons.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let name = authority.hasPrefix("[") ? authority : authority.prefix { $0 != ":" }
        guard hosts.contains(where: { $0 == name || $0 == authority }) else { return nil }
        let next = String(rest.dropFirst(authority.count))
        return next.hasPrefix("/") ? next : "/" + next
    }
}
