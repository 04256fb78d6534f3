import Fleet
import Foundation
import Synchronization

/// How one command reaches its keeper, and does without where there is none.
final class KeeperLink: Sendable {
    let start: KeeperStart
    /// Connects where the keeper can't, or must not.
    let direct: SSHConnector
    let idle: Duration
    /// What tells this command from others.
    let command = ShellLaunch.randomWord()
    /// Where relative paths begin.
    let folder = FileManager.default.currentDirectoryPath
    private let isOff = Atomic<Bool>(false)

    init(_ start: KeeperStart, direct: SSHConnector, idle: Duration) {
        (self.start, self.direct, self.idle) = (start, direct, idle)
    }

    /// Uses no keeper any more.
    func giveUp() { isOff.store(true, ordering: .relaxed) }

    /// Whether the keeper may still be used.
    var isOn: Bool { !isOff.load(ordering: .relaxed) }

    /// A socket that is connected to the keeper, which is started first where need be; `nil` when there is none.
    func descriptor() async -> Int32? {
        guard isOn else { return nil }
        let descriptor = await offTheLoop { self.start.connected() }
        if descriptor == nil { giveUp() }
        return descriptor
    }

    /// What is asked for to reach an endpoint.
    func opening(_ endpoint: EndpointRecord) -> KeeperRequest {
        let settings = direct.context.settings
        var file: String?
        if case .file(let path)? = settings.configuration {
            file = path.hasPrefix("/") || path.hasPrefix("~") ? path : "\(folder)/\(path)"
        }
        return .open(
            KeeperRequest.Opening(
                command: command, handshakesAtOnce: settings.handshakesAtOnce, configuration: file,
                hasConfiguration: settings.configuration != nil, endpoint: endpoint, idle: idle))
    }
}
