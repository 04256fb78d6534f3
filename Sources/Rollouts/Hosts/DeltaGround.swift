import Fleet

/// What a host says that a build could be made of, as the script that prepares an upload prints it.
struct DeltaGround: Hashable, Sendable {
    /// The host's zstd.
    enum Tool: String { case ready, old, absent }

    /// Can it make a build of another one?
    var tool = Tool.absent
    /// Memory that is available there, in bytes; `nil` when the host could not say.
    var memory: Int64?
    /// The builds that it keeps, the one it runs first.
    var bases: [BuildDigest] = []

    /// Reads `delta=`, `memory=` and `base=` lines.
    init(parsing lines: [Substring]) {
        for line in lines {
            if line.hasPrefix("delta="), let tool = Tool(rawValue: String(line.dropFirst(6))) {
                self.tool = tool
            } else if line.hasPrefix("memory="), let size = Int64(line.dropFirst(7)), (0...1 << 40).contains(size) {
                memory = size * 1024
            } else if line.hasPrefix("base=") {
                // What is called otherwise is no base.
                let base = try? BuildDigest(String(line.dropFirst(5))).file
                if let base, !bases.contains(base) { bases.append(base) }
            }
        }
    }
}
