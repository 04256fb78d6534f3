public import Fleet

extension BuildCatalog {
    /// Signs a build, and keeps the signature with it, here and where builds are shared.
    /// - Parameter key: A private key, or a public one whose private one an agent has.
    /// - Throws: ``InputError`` for a key that cannot sign; ``StoreError`` where it cannot be shared; ``JournalError``.
    public func sign(_ build: BuildRecord, key: String) async throws -> BuildRecord {
        var build = build
        if build.tar == nil {
            try await store.check(build.digest)
            build = build.taking(tar: store.contents(of: build.digest)?.tar)
        }
        try refuseOtherTar(of: build)
        let signed = try await journal.add(
            try await BuildSigning().sign(build, key: key, at: controller.now()))
        do throws(StoreError) {
            try await shared?.add(store.filePath(of: signed.digest), signed)
        } catch {
            throw StoreError(
                error.code, error.place.name ?? "", error.message,
                hints: error.hints + ["the signature is kept on this machine; share it by typing this again"])
        }
        return signed
    }
}
