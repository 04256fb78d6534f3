import Fleet
import Rollouts

/// A service to begin with, as `drover init` is told of it.
struct StarterService: Sendable {
    /// What kind of service it is.
    enum Shape: String, CaseIterable, Sendable {
        /// A site of files, behind nginx.
        case `static`
        /// A WSGI application under gunicorn.
        case python
        /// A program that listens by itself, in Go or anything.
        case binary
        /// An image that podman runs.
        case container
    }

    /// A stage and its hosts.
    struct Stage: Sendable {
        var name: String
        /// Their addresses; `nil` where they are hosts of a lab.
        var hosts: Hosts?
    }

    /// The addresses of a stage's hosts.
    struct Hosts: Sendable {
        var balancers: [String]
        var members: [String]
    }

    /// Which files of continuous integration are wanted.
    enum Pipeline: String, CaseIterable, Sendable { case github, gitlab, both, none }

    var name: String
    var shape: Shape
    var port: Int
    /// What the balancers ask the members for.
    var health: String
    /// In the order that a build takes.
    var stages: [Stage]
    /// Who logs in on hosts that are not the lab's.
    var user: String
    /// First two numbers of the lab's addresses.
    var labNetwork: String
    var pipeline: Pipeline

    /// The unit that runs it.
    var unit: String { shape == .static ? "nginx.service" : "\(name).service" }

    /// The folder that a build is packed from.
    var folder: String { shape == .static ? "public" : "dist" }
}

extension StarterService.Shape {
    /// What balancers ask for unless it is said otherwise.
    var health: String { self == .static ? "/" : "/healthz" }
}

extension StarterService.Stage {
    /// The addresses of its hosts by name: those of the lab where none are given.
    func addresses(network: String, number: Int) -> (balancers: [(String, String)], members: [(String, String)]) {
        let lab = "\(network).\(number)"
        let isLast = number > 1
        let own =
            hosts
            ?? StarterService.Hosts(
                balancers: isLast ? ["\(lab).11", "\(lab).12"] : ["\(lab).11"], members: ["\(lab).21", "\(lab).22"])
        func named(_ name: String, _ addresses: [String]) -> [(String, String)] {
            addresses.enumerated().map { ("\(name)\($0.offset + 1)", $0.element) }
        }
        return (named("lb", own.balancers), named("ap", own.members))
    }
}
