import Glibc

extension AgentConfiguration {
    /// Reads the file; where it is not there and nobody named it, all is as usual.
    init(path: String, isNeeded: Bool) throws(ConfigurationError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            guard code == ENOENT, !isNeeded else {
                throw ConfigurationError(
                    path: path, line: 0, what: SystemError("cannot be read", code: code).description)
            }
            try self.init(text: "", path: path)
            return
        }
        defer { close(descriptor) }
        var (bytes, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
        while bytes.count < 1 << 16 {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw ConfigurationError(path: path, line: 0, what: SystemError("cannot be read").description)
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        try self.init(text: String(decoding: bytes, as: UTF8.self), path: path)
    }
}
