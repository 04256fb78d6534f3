public import Foundation
import Subprocess

/// A copy of this repository's fleet (inventories, playbooks, service file) with addresses and a state of its own, and
/// the lab hosts that belong to it.
public struct ServiceLab: Sendable {
    /// The folder the copy is in.
    public let folder: URL
    /// The program, run in that folder.
    public let drover: DroverProgram
    /// First three numbers of the addresses of staging and production.
    public let subnets: (staging: String, production: String)

    /// Copies the fleet into `folder`, on subnets that no interface of this machine has.
    public init(in folder: URL) async throws {
        self.folder = folder
        drover = DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/.drover"])
        subnets = try await Self.freeSubnets()
        let files = FileManager.default
        for name in ["inventory", "playbooks", "drover.yml", "scripts"] {
            try files.copyItem(
                at: DroverProgram.repository.appendingPathComponent(name), to: folder.appendingPathComponent(name))
        }
        try readdress("inventory/staging.yml", from: "10.91.1", to: subnets.staging)
        try readdress("inventory/production.yml", from: "10.91.2", to: subnets.production)
    }

    private func readdress(_ file: String, from old: String, to new: String) throws {
        let url = folder.appendingPathComponent(file)
        let text = try String(contentsOf: url, encoding: .utf8).replacingOccurrences(of: old, with: new)
        try text.write(to: url, atomically: true, encoding: .utf8)
    }

    private static func freeSubnets() async throws -> (staging: String, production: String) {
        let free = try await freeNetwork()
        return ("\(free).1", "\(free).2")
    }

    /// The first two numbers of addresses that no interface of this machine has.
    public static func freeNetwork() async throws -> String {
        let taken = try await DroverProgram.run(["ip", "-4", "-o", "address"]).output
        return (100...199).map { "10.\($0)" }.shuffled().first { !taken.contains(" \($0).") } ?? "10.200"
    }

    /// Takes all hosts away.
    public func down() async throws {
        for stage in ["staging", "production"] {
            try await drover("lab", "down", "-i", "inventory/\(stage).yml").succeeded()
        }
    }

    /// A tarball of the example service.
    public func build(_ version: Int, variant: String = "good") async throws -> String {
        let example = DroverProgram.repository.appendingPathComponent("examples/bookmark").path
        try await DroverProgram.run(["make", "-s", "-C", example, "VERSION=\(version)", "VARIANT=\(variant)"])
            .succeeded()
        return "\(example)/build/bookmark-\(version)\(variant == "good" ? "" : "-" + variant).tar.gz"
    }

    /// Runs a shell command as root on one host of a stage.
    public func on(_ host: String, stage: String = "production", _ command: String) async throws -> Transcript {
        try await drover("lab", "exec", "-i", "inventory/\(stage).yml", host, "--", "sh", "-c", command)
    }
}

/// A program ended otherwise than a test needs it to.
public struct UnexpectedEnd: Error, CustomStringConvertible {
    /// What it said.
    public let description: String

    /// An end that `description` tells of.
    public init(description: String) { self.description = description }
}

extension Transcript {
    /// This transcript, if the status is `expected`.
    @discardableResult
    public func ended(_ expected: Int32) throws -> Self {
        guard status == expected else {
            throw UnexpectedEnd(description: "status \(status), not \(expected)\n\(output)\n\(errors)")
        }
        return self
    }

    /// This transcript, if the status is 0.
    @discardableResult
    public func succeeded() throws -> Self { try ended(0) }
}
