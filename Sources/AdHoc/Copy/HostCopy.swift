import Fleet
import Foundation
import Values

/// Copies trees to one host: asks what is there, does what is missing, and goes on after a lost connection.
struct HostCopy: Sendable {
    let trees: [LocalTree]
    let target: String
    let options: CopyOptions
    var privilege: Privilege
    let digests: DigestCache
    private let word = UUID().uuidString
    /// How often a question or a change is repeated after the connection was lost; both are safe to repeat.
    private static let attempts = 5

    func perform(over transport: any Transport) async throws(TransportError) -> CopyOutcome {
        let entries = placed(intoFolder: try await isFolder(over: transport))
        let plan = try await plan(entries, over: transport)
        try await prepare(plan, over: transport)
        for parcel in Bundle.parcels(of: plan.transfers) {
            switch parcel {
            case .single(let transfer): try await send(transfer, over: transport)
            case .bundle(let bundle):
                try await perform(try bundle.command(word, privilege, transport.host), over: transport)
            }
        }
        try await finish(plan, over: transport)
        return CopyOutcome(
            copied: plan.transfers.count + plan.folders.count, bytes: ByteCount(plan.bytes),
            adjusted: plan.links.count + plan.modes.count - plan.folders.count, same: plan.same)
    }

    // MARK: Where things go

    /// Whether sources go into the target under their own names: it is a folder, or has to be one.
    private func isFolder(over transport: any Transport) async throws(TransportError) -> Bool {
        if trees.count > 1 || target.hasSuffix("/") || trees.contains(where: { $0.name == nil }) { return true }
        let question = RemoteCommand(shell: "[ -d \(RemoteCommand.quote(target)) ]", privilege: privilege)
        return try await run(question, over: transport).succeeded
    }

    private func placed(intoFolder: Bool) -> [(entry: CopyEntry, path: String)] {
        let folder = target.count > 1 && target.hasSuffix("/") ? String(target.dropLast()) : target
        return trees.flatMap { tree in
            let top = intoFolder ? tree.name.map { join(folder, $0) } ?? folder : folder
            return tree.entries.map { ($0, $0.name.isEmpty ? top : join(top, $0.name)) }
        }
    }

    private func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    // MARK: Asking

    private func plan(
        _ entries: [(entry: CopyEntry, path: String)], over transport: any Transport
    ) async throws(TransportError) -> CopyPlan {
        let statuses = RemoteCommand(
            shell: HostFileQuestion.status, privilege: privilege, input: HostFileQuestion.input(entries.map(\.path)))
        var there = HostFileQuestion.statuses(try await run(statuses, over: transport).output)
        let alike = entries.filter { entry, path in
            guard case .file(let size) = entry.kind, let own = there[path] else { return false }
            return own.kind == .file && own.size == size
        }
        let own = try await ownDigests(of: alike.map(\.entry.source), transport.host)
        if !alike.isEmpty {
            let question = RemoteCommand(
                shell: HostFileQuestion.digests, privilege: privilege,
                input: HostFileQuestion.input(alike.map(\.path)), deadline: .seconds(3600))
            for (path, digest) in HostFileQuestion.digests(try await run(question, over: transport).output) {
                there[path]?.digest = digest
            }
        }
        let links = entries.filter { if case .link = $0.entry.kind { there[$0.path]?.kind == .link } else { false } }
        if !links.isEmpty {
            let question = RemoteCommand(
                shell: HostFileQuestion.links, privilege: privilege,
                input: HostFileQuestion.input(links.map(\.path)))
            for (path, target) in HostFileQuestion.links(try await run(question, over: transport).output) {
                there[path]?.link = target
            }
        }
        do throws(CopyPlan.Obstacle) {
            return try CopyPlan(entries, there: there, digests: own, options: options)
        } catch {
            let what = error.isFolderHere ? "is no folder there, but one here" : "is a folder there, but none here"
            throw TransportError(
                .uploadFailed, host: transport.host, "\(error.path) \(what)", hints: ["move it away first"])
        }
    }

    private func ownDigests(of paths: [String], _ host: HostName) async throws(TransportError) -> [String: String] {
        var own: [String: String] = [:]
        for path in paths {
            guard let digest = await digests.digest(of: path) else {
                throw TransportError(.fileUnreadable, host: host, "cannot read \(path)")
            }
            own[path] = digest
        }
        return own
    }

    // MARK: Doing

    private func prepare(_ plan: CopyPlan, over transport: any Transport) async throws(TransportError) {
        var lines = target.hasSuffix("/") || trees.count > 1 ? ["mkdir -p -- \(RemoteCommand.quote(target))"] : []
        // Open to the owner alone until everything is in them.
        lines += plan.folders.map { "[ -d \(RemoteCommand.quote($0)) ] || mkdir -m 700 -- \(RemoteCommand.quote($0))" }
        lines += plan.links.map {
            "ln -sfnT -- \(RemoteCommand.quote($0.target)) \(RemoteCommand.quote($0.path))"
        }
        try await perform(lines, over: transport)
    }

    private func send(_ transfer: CopyPlan.Transfer, over transport: any Transport) async throws(TransportError) {
        try await transport.upload(
            transfer.source, to: transfer.path, mode: transfer.mode, privilege: privilege)
    }

    private func finish(_ plan: CopyPlan, over transport: any Transport) async throws(TransportError) {
        var lines: [String] = []
        if let owner = options.owner {
            lines += plan.owners.map { "chown -h -- \(RemoteCommand.quote(owner)) \(RemoteCommand.quote($0))" }
        }
        // After the owners: changing one clears the set-user bit.
        lines += plan.modes.map { "chmod -- \(String($0.mode, radix: 8)) \(RemoteCommand.quote($0.path))" }
        try await perform(lines, over: transport)
    }

    private func perform(_ lines: [String], over transport: any Transport) async throws(TransportError) {
        guard !lines.isEmpty else { return }
        let script = lines.joined(separator: " &&\n")
        try await perform(RemoteCommand(shell: script, privilege: privilege), over: transport)
    }

    private func perform(_ command: RemoteCommand, over transport: any Transport) async throws(TransportError) {
        let result = try await run(command, over: transport)
        guard result.succeeded else {
            let reason = result.errorText.split(whereSeparator: \.isNewline).last.map(String.init)
            throw TransportError(
                .uploadFailed, host: transport.host, reason ?? "the host did not take the files",
                hints: ["is there room on its disk, and may the user write there? -b copies with root's rights"])
        }
    }

    /// Runs what is safe to repeat.
    private func run(
        _ command: RemoteCommand, over transport: any Transport
    ) async throws(TransportError) -> CommandResult {
        var attempt = 1
        while true {
            do throws(TransportError) {
                return try await transport.run(command)
            } catch {
                guard error.code == .connectionLost, attempt < Self.attempts else { throw error }
                attempt += 1
            }
        }
    }
}
