import ArgumentParser

/// What a shell offers for arguments.
extension CompletionKind {
    /// Stages of the service.
    static var stages: Self { .custom { words, _, _ in CompletionNames(words).stages } }

    /// Stages of the service, and files.
    static var stagesAndFiles: Self {
        .custom { words, _, prefix in
            let names = CompletionNames(words)
            return names.stages + names.files(prefix)
        }
    }

    /// Hosts and groups of the inventory or stage that the command line names.
    static var hosts: Self { .custom { words, _, _ in CompletionNames(words).hosts } }

    /// The newest builds.
    static var builds: Self { .custom { words, _, _ in await CompletionNames(words).builds } }

    /// The newest builds, and files.
    static var buildsAndFiles: Self {
        .custom { words, _, prefix in
            let names = CompletionNames(words)
            return await names.builds + names.files(prefix)
        }
    }

    /// The newest runs.
    static var runs: Self { .custom { words, _, _ in await CompletionNames(words).runs } }
}
