/// The files of continuous integration of a service to begin with.
struct StarterPipelines: Sendable {
    let service: StarterService

    /// Those that are wanted.
    var files: [StarterFiles.File] {
        let github = StarterFiles.File(path: ".github/workflows/deploy.yml", text: github)
        let gitlab = StarterFiles.File(path: ".gitlab-ci.yml", text: gitlab)
        return switch service.pipeline {
        case .github: [github]
        case .gitlab: [gitlab]
        case .both: [github, gitlab]
        case .none: []
        }
    }

    private static let head = """
        # A change of the main branch is checked, goes to the first stage, and from there to each further one. The runner needs drover,
        # what makes the build, and a way to the hosts: a key that logs in there, as the secret DROVER_SSH_KEY, and their host keys
        # (ssh-keyscan, compared with what their consoles show) as DROVER_KNOWN_HOSTS. A job that ends otherwise than it should is
        # told by its status: docs/ci.md of Drover.

        """

    /// Makes the key and the host keys known to the job alone.
    private static let access = """
        mkdir -p -m 700 ~/.ssh
        touch ~/.ssh/known_hosts
        printf '%s\\n' "$DROVER_KNOWN_HOSTS" | sort -u -o ~/.ssh/known_hosts - ~/.ssh/known_hosts
        (umask 077; printf '%s\\n' "$DROVER_SSH_KEY" >"$RUNNER_KEY")
        """

    private func command(_ index: Int) -> String {
        let stage = service.stages[index].name
        let key = #"--private-key "$RUNNER_KEY" --lock-wait 5m"#
        return index == 0
            ? "drover rollout \(stage) ./\(service.folder) \(key)" : "drover promote --to \(stage) \(key)"
    }

    /// What makes the folder that is packed, for whoever writes it down.
    private var making: String? { service.shape == .static ? nil : "make dist" }

    // MARK: GitHub

    private var github: String {
        Self.head + """
            name: deploy
            on:
              push:
                branches: [main]
            # One at a time, and none is ended in the middle.
            concurrency: {group: deploy, cancel-in-progress: false}
            env:
              RUNNER_KEY: ${{ github.workspace }}/.drover-key
              DROVER_SSH_KEY: ${{ secrets.DROVER_SSH_KEY }}
              DROVER_KNOWN_HOSTS: ${{ secrets.DROVER_KNOWN_HOSTS }}
            jobs:

            """ + service.stages.indices.map(githubJob).joined(separator: "\n")
    }

    private func githubJob(_ index: Int) -> String {
        let stage = service.stages[index].name
        let needs = index > 0 ? "    needs: \(service.stages[index - 1].name)\n" : ""
        let make = index == 0 ? making.map { "      - run: \($0)\n" } ?? "" : ""
        return """
              \(stage):
                # A runner that has drover and reaches the hosts. Who may approve is said of the environment in the settings.
                runs-on: self-hosted
                environment: \(stage)
            \(needs)    steps:
                  - uses: actions/checkout@v4
                    with: {fetch-depth: 0}
                  - run: drover check
                  - run: |
            \(Self.access.indented(by: 10))
            \(make)      - run: \(command(index))
                  - if: always()
                    run: rm -f "$RUNNER_KEY"

            """
    }

    // MARK: GitLab

    private var gitlab: String {
        let names = service.stages.map { "\($0.name)" }.joined(separator: ", ")
        return Self.head + """
            stages: [check, \(names)]
            variables:
              GIT_DEPTH: 0
              RUNNER_KEY: $CI_PROJECT_DIR/.drover-key
            default:
              tags: [drover]

            check:
              stage: check
              script:
                - drover check

            .deploy:
              # One at a time, and none is ended in the middle.
              resource_group: deploy
              interruptible: false
              rules:
                - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
              before_script:
                - |
            \(Self.access.indented(by: 6))
              after_script:
                - rm -f "$RUNNER_KEY"


            """ + service.stages.indices.map(gitlabJob).joined(separator: "\n")
    }

    private func gitlabJob(_ index: Int) -> String {
        let stage = service.stages[index].name
        let make = index == 0 ? making.map { "    - \($0)\n" } ?? "" : ""
        // The first stage goes by itself, the others when somebody says so.
        let manual =
            index == 0
            ? ""
            : """
              rules:
                - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
                  when: manual

            """
        return """
            \(stage):
              extends: .deploy
              stage: \(stage)
              environment: \(stage)
            \(manual)  script:
            \(make)    - \(command(index))

            """
    }
}

extension String {
    /// Every line after so many blanks.
    fileprivate func indented(by count: Int) -> String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .map { String(repeating: " ", count: count) + $0 }.joined(separator: "\n")
    }
}
