import ArgumentParser
import Fleet
import Foundation
import Inventories
import OrderedCollections
import Playbooks
import Rollouts
import Templating
import Values

/// Looks for everything that is wrong with a service's files: drover.yml, inventories, playbooks with all that they name. No
/// connection is made.
struct ServiceCheck {
    let seams: Seams
    /// The service's file.
    let path: String
    let vault: VaultOptions
    /// Variables of the command line, as they are given there.
    var extra: [String] = []
    var rolePaths: [String] = []
    private let mistakes = MistakeLog()

    init(_ seams: Seams, path: String, vault: VaultOptions, extra: [String], rolePaths: [String]) {
        (self.seams, self.path, self.vault, self.extra, self.rolePaths) = (seams, path, vault, extra, rolePaths)
    }

    /// What was found.
    struct Findings: Sendable {
        /// By place.
        var mistakes: [InputError] = []
        var warnings: [String] = []
        /// The stages that were looked at, with their hosts.
        var stages: [(name: String, hosts: Int)] = []
        /// Stages whose hosts could not be looked at: their inventory is mistaken.
        var unread: [String] = []
    }

    /// Looks at all stages, or at one.
    func findings(stage name: String?) throws -> Findings {
        var findings = Findings()
        let searchPath = seams.environment["PATH"] ?? ServiceFileReader.defaultSearchPath
        if let draft = ServiceFileReader.review(path, searchPath: searchPath, mistakes) {
            let file = draft.forStages
            checkState(of: file)
            if let password = file.vaultPasswordFile { seams.passwords.useVaultPassword(in: file.resolve(password)) }
            let locked = openVault()
            let chosen = stages(of: file, name)
            for stage in chosen { SettingsReader.review(file, stage.name, opened, mistakes) }
            for stage in chosen { try check(stage, of: file, draft.pool, &findings) }
            // Without its password nothing opens: that is told once.
            findings.mistakes = mistakes.all.filter { locked == nil || $0 == locked || $0.code != .locked }
        } else {
            findings.mistakes = mistakes.all
        }
        findings.mistakes.sort { Self.order($0) < Self.order($1) }
        return findings
    }

    /// Why the vault's password can't be had; `nil` when it can.
    private func openVault() -> InputError? {
        do throws(InputError) {
            _ = try seams.passwords.vault(vault)
            return nil
        } catch {
            mistakes.note(error)
            return error
        }
    }

    /// What opens encrypted values; nothing, where the password can't be had.
    private var opened: Vault {
        // Why not was told when it was opened first.
        (try? seams.passwords.vault(vault)) ?? .locked
    }

    private static func order(_ mistake: InputError) -> (String, Int, Int) {
        let place = mistake.location ?? SourceLocation(file: "")
        return (place.file, place.line, place.column)
    }

    private func stages(of file: ServiceFile, _ name: String?) -> [ServiceFile.Stage] {
        guard let name else { return file.stages }
        if let stage = file.stages.first(where: { $0.name == name }) { return [stage] }
        // One that is mistaken is there all the same.
        guard mistakes.count == 0 else { return [] }
        return mistakes.attempt { () throws(InputError) in [try file.stage(name)] } ?? []
    }

    private func checkState(of file: ServiceFile) {
        guard case .etcd(let place)? = file.state else { return }
        for name in [place.trust.authorities, place.trust.certificate, place.trust.key].compactMap(\.self)
        where !FileManager.default.fileExists(atPath: name) {
            mistakes.note(
                InputError(
                    .missing, "there is no file '\(name)', which state names", at: SourceLocation(file: file.path),
                    hints: ["DROVER_ETCD_CA, DROVER_ETCD_CERT and DROVER_ETCD_KEY name others"]))
        }
    }

    // MARK: One stage

    private func check(
        _ stage: ServiceFile.Stage, of file: ServiceFile, _ pool: ServiceFile.PoolSettings?, _ findings: inout Findings
    ) throws {
        let vault = opened
        let variables = mistakes.attempt { () throws(InputError) in try ExtraVariables.read(extra, vault: vault) }
        let playbook = mistakes.attempt { () throws(InputError) in
            if let absent = file.absentPlaybook(of: stage) { throw absent }
            return try Playbook.load(
                files: stage.playbooks.map(file.resolve), extra: variables ?? [:], rolePaths: rolePaths, vault: vault,
                mistakes: mistakes)
        }
        let own = MistakeLog()
        let inventory = own.attempt { () throws(InputError) in
            try StageInventory(file, stage, seams).load(vault, imported: playbook?.folders ?? [], mistakes: own)
        }
        for mistake in own.all { mistakes.note(mistake) }
        guard let inventory, own.count == 0 else { return findings.unread.append(stage.name) }
        findings.stages.append((stage.name, inventory.hosts.count))
        findings.warnings += inventory.warnings
        if let playbook {
            let warnings = mistakes.attempt { () throws(InputError) in try playbook.review(inventory) }
            findings.warnings += ((warnings ?? []) + playbook.review(RunOptions())).map(\.description)
            playbook.noteLockedValues(of: inventory, for: inventory.hosts, in: mistakes)
        }
        try check(stage, of: file, pool, inventory, &findings)
    }

    /// Its pool, and the ways to its hosts.
    private func check(
        _ stage: ServiceFile.Stage, of file: ServiceFile, _ pool: ServiceFile.PoolSettings?, _ inventory: Inventory,
        _ findings: inout Findings
    ) throws {
        let before = mistakes.count
        for group in pool.map({ [$0.members, $0.balancers] }) ?? [] where inventory.members(of: group).isEmpty {
            mistakes.note(StageSite.emptyGroup(group, of: stage, in: inventory))
        }
        for mistake in file.emptyTiers(of: stage, in: inventory) { mistakes.note(mistake) }
        let access = HostAccess(
            inventory: inventory, connections: Composition.connections(try ConnectionOptions.parse([]), seams),
            flags: ConnectionSettings())
        for host in inventory.hosts { try noting { _ = try access.route(to: host) } }
        guard pool != nil || !file.tiers.isEmpty, mistakes.count == before else { return }
        try noting {
            let site = try StageSite(
                file, stage, over: inventory, flags: ConnectionSettings(), route: access.route)
            findings.warnings += site.review.warnings
            try stage.checkMinimum(hosts: site.pool.members.count)
        }
    }

    /// Does `work`, and notes what was written wrong.
    private func noting(_ work: () throws -> Void) throws {
        do { try work() } catch let error as InputError {
            mistakes.note(error)
        } catch let error as TemplateError {
            mistakes.note(InputError(error.message, at: error.location, hints: error.hints))
        }
    }
}
