import Fleet
import Foundation
import Journaling
import Rollouts
import Web

/// Where a command finds journal and builds: as `$DROVER_STATE` says, else as the service does, else in `.drover`.
struct StateChoice {
    /// The folder of this machine, for builds and labs, and for the journal unless that is in etcd.
    let folder: String
    private let place: StatePlace
    /// Whose journal it is, where several services share an etcd.
    private let service: String?
    private let seams: Seams

    /// What holds for a service.
    init(_ file: ServiceFile, _ seams: Seams) throws(InputError) {
        let chosen = try Self.chosen(seams)
        let folder =
            switch (chosen, file.state) {
            case (.folder(let path)?, _): path
            case (_, .folder(let path)?): file.resolve(path)
            default: file.resolve(".drover")
            }
        self.init(folder: folder, place: chosen ?? file.state ?? .folder(folder), service: file.service, seams: seams)
    }

    /// What holds for the service that `options` name; for none, where there is no service file.
    init(_ options: ServiceOptions, _ seams: Seams) throws {
        if try options.located(seams) != nil {
            try self.init(try options.read(seams), seams)
        } else {
            let folder = seams.stateFolder
            self.init(
                folder: folder, place: try Self.chosen(seams) ?? .folder(folder), service: nil, seams: seams)
        }
    }

    private init(folder: String, place: StatePlace, service: String?, seams: Seams) {
        (self.folder, self.place, self.service, self.seams) = (folder, place, service, seams)
    }

    private static func chosen(_ seams: Seams) throws(InputError) -> StatePlace? {
        guard let text = seams.environment["DROVER_STATE"], !text.isEmpty else { return nil }
        do { return try StatePlace(text) } catch {
            throw InputError(error.code, "$DROVER_STATE: \(error.message)", hints: error.hints)
        }
    }

    /// The journal; nothing is asked yet where it is in etcd.
    /// - Throws: ``JournalError`` for a file that can't be used; ``InputError`` for what is wrong in how etcd is named.
    func journal() throws -> any PortableJournal {
        guard case .etcd(let place) = place else { return try SQLiteJournal(path: folder + "/journal.sqlite") }
        guard let service else {
            throw InputError(
                "a journal in etcd is one service's, and there is no \(ServiceFileReader.defaultName) here",
                hints: [
                    "run drover in the folder of \(ServiceFileReader.defaultName) or in one below it, or name it with "
                        + "--service FILE"
                ])
        }
        let known = place.completed(by: seams.environment)
        known.password.map { seams.terminal.redactor.add($0.reveal()) }
        return EtcdJournal(
            known, service: service, web: try HTTPExchange(trust: known.trust), now: Controller.this.now)
    }

    /// Whether there may be anything in the journal: not where nobody has a service, and no file was made.
    var isThere: Bool {
        guard service == nil, case .folder = place else { return true }
        return FileManager.default.fileExists(atPath: folder + "/journal.sqlite")
    }

    /// For commands that read or remove: they leave nothing behind where nothing is.
    /// - Throws: ``InputError`` where there is no journal, and nobody has a service.
    func expectThere() throws(InputError) {
        guard !isThere else { return }
        throw InputError(
            .missing, "nothing is kept in \(folder): no build was added there, and nothing rolled out",
            hints: ["run drover in the folder of \(ServiceFileReader.defaultName), or name it with --service FILE"])
    }

    /// The journal, where it is a file of this machine that is there; nothing is made, and nobody asked.
    var localJournal: (any PortableJournal)? {
        guard case .folder = place, FileManager.default.fileExists(atPath: folder + "/journal.sqlite") else {
            return nil
        }
        // One that can't be used says why to those who need it.
        return try? journal()
    }

    /// The builds of this machine.
    var builds: BuildStore { BuildStore(stateFolder: folder) }
}

extension EtcdPlace {
    /// The same with what a runner is handed by its surroundings, above what a file says.
    func completed(by environment: [String: String]) -> Self {
        func named(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        var place = self
        place.trust.authorities = named("DROVER_ETCD_CA") ?? trust.authorities
        place.trust.certificate = named("DROVER_ETCD_CERT") ?? trust.certificate
        place.trust.key = named("DROVER_ETCD_KEY") ?? trust.key
        place.isSecure = isSecure || place.trust != trust
        place.user = named("DROVER_ETCD_USER") ?? user
        place.password = named("DROVER_ETCD_PASSWORD").map { Secret($0) } ?? password
        return place
    }
}
