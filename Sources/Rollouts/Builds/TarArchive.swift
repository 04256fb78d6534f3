import Crypto
import Fleet
import Foundation
import Subprocess

/// A tar archive, read once from its beginning to its end, whatever its size, without unpacking it anywhere.
struct TarArchive: Sendable {
    let path: String
    let kind: ArchiveKind

    /// Makes sure that it can be read to its end, and that hosts may unpack it; see ``TarRules``.
    /// - Returns: What is in it.
    /// - Throws: ``InputError`` that names the first member at fault.
    @concurrent func check() async throws -> BuildContents {
        var reading = TarReading()
        switch kind {
        case .plain: try readFile(&reading)
        case .gzip: try await readOutput(of: "gzip", &reading)
        case .zstd: try await readOutput(of: "zstd", &reading)
        }
        if let refusal = reading.refusal {
            throw InputError(refusal.message, at: place, hints: [Self.hint(refusal)])
        }
        if let damage = reading.damage ?? reading.end() { throw unreadable(damage.reason) }
        if reading.rules.isEmpty { throw InputError("the archive is empty", at: place, hints: [Self.packing]) }
        if !reading.rules.hasFiles {
            throw InputError("the archive holds folders, and no file", at: place, hints: [Self.packing])
        }
        return BuildContents(
            extent: reading.rules.extent(packed: try size()), soleFolder: reading.rules.soleFolder,
            tar: reading.tar, tarSize: reading.size)
    }

    private static let packing = "pack with paths relative to the release: tar -C FOLDER -czf build.tar.gz ."

    private static func hint(_ refusal: TarRefusal) -> String {
        if refusal.reason.contains("set-") { return "take those bits away before packing: chmod u-s,g-s FILE" }
        return refusal.reason.contains("link")
            ? "a build's links stay inside it: what lies elsewhere is named in the service's settings" : packing
    }

    private var place: SourceLocation { SourceLocation(file: path) }

    private func unreadable(_ reason: String) -> InputError {
        InputError("the archive cannot be read: \(reason)", at: place, hints: ["pack it again, or copy it again"])
    }

    private func size() throws -> Int64 {
        guard let size = BuildStore.size(of: path) else { throw unreadable("it is gone") }
        return size
    }

    // MARK: reading

    private func readFile(_ reading: inout TarReading) throws {
        guard let file = FileHandle(forReadingAtPath: path) else { throw unreadable("it cannot be opened") }
        defer { file.closeFile() }
        while !reading.isOver, let part = try file.read(upToCount: 1 << 20), !part.isEmpty {
            reading.take([UInt8](part))
        }
    }

    private func readOutput(of program: String, _ reading: inout TarReading) async throws {
        let result = try await Subprocess.run(
            .name("sh"), arguments: ["-c", #"exec "$1" -dc <"$2""#, "sh", program, path], input: .none,
            output: .sequence, error: .string(limit: 1 << 16)
        ) { execution in
            var inside = TarReading()
            for try await part in execution.standardOutput {
                inside.take(part.withUnsafeBytes { [UInt8]($0) })
                if inside.isOver { kill(execution.processIdentifier.value, SIGKILL) }
            }
            return inside
        }
        reading = result.closureResult
        guard !reading.isOver, !result.terminationStatus.isSuccess else { return }
        if case .exited(127) = result.terminationStatus {
            throw InputError(
                "this machine has no \(program), which the build is packed with", at: place,
                hints: ["install it, or pack the build as .tar.gz"])
        }
        throw unreadable(result.standardError.split(separator: "\n").first.map(String.init) ?? "\(program) failed")
    }
}

/// An archive as far as it has been read.
private struct TarReading: Sendable {
    private var parser = TarParser()
    private(set) var rules = TarRules()
    private(set) var refusal: TarRefusal?
    private(set) var damage: TarDamage?
    private var hash = SHA256()
    /// How many bytes of tar have come.
    private(set) var size: Int64 = 0

    /// Whether there is nothing left to find out.
    var isOver: Bool { refusal != nil || damage != nil }

    /// What has come so far is this tar.
    var tar: TarDigest? { TarDigest(Hex.text(hash.finalize())) }

    mutating func take(_ bytes: [UInt8]) {
        guard !isOver else { return }
        hash.update(data: bytes)
        size += Int64(bytes.count)
        var rules = rules
        self.rules = TarRules()  // The only copy is changed, so none is made.
        defer { self.rules = rules }
        do {
            try parser.read(bytes[...]) { member in try rules.take(member) }
        } catch let found as TarRefusal {
            refusal = found
        } catch let found as TarDamage {
            damage = found
        } catch {
            damage = TarDamage("\(error)")
        }
    }

    func end() -> TarDamage? {
        do throws(TarDamage) {
            try parser.finish()
            return nil
        } catch {
            return error
        }
    }
}
