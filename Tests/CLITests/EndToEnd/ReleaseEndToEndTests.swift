import Foundation
import TestSupport
import Testing

/// Hosts of each Debian that a lab boots.
@Suite(
    .labHosts, .debian13, .serialized,
    .timeLimit(.minutes(10)))
struct ReleaseEndToEndTests {
    private static let playbook = """
        - hosts: all
          become: true
          tasks:
            - apt: {name: memcached, state: present, update_cache: true, cache_valid_time: 3600}
            - copy: {content: "{{ ansible_distribution_major_version }}\\n", dest: /etc/lab-release, mode: "0644"}
            - lineinfile: {path: /etc/memcached.conf, regexp: "^-m ", line: "-m 32"}
              notify: Restart memcached
            - service: {name: memcached, state: started, enabled: true}
          handlers:
            - name: Restart memcached
              service: {name: memcached, state: restarted}

        """

    @Test func bothReleasesConvergeAndAreOkTheSecondTime() async throws {
        try await ReleaseLab.run { lab in
            let inventory = ReleaseLab.inventory
            let status = try await lab.drover("lab", "status", "-i", inventory, "--format", "json").succeeded()
            #expect(try Self.releases(status.output) == ["old": "12", "new": "13"])
            for host in ReleaseLab.hosts {
                #expect(try await lab.on(host, "systemctl is-system-running --wait").output == "running\n")
            }
            try await lab.drover("ping", "-i", inventory, "all").succeeded()
            try lab.write("site.yml", Self.playbook)
            try await lab.drover("apply", "site.yml", "-i", inventory).succeeded()
            for (host, release) in ["old": "12", "new": "13"] {
                let seen = "cat /etc/lab-release; cut -d. -f1 /etc/debian_version; systemctl is-active memcached"
                #expect(try await lab.on(host, seen).output == "\(release)\n\(release)\nactive\n")
            }
            let again = try await lab.drover("plan", "site.yml", "-i", inventory, "--detailed-exitcode")
            #expect(again.status == 0, "\(again.output)\(again.errors)")
            try await sudoInRust(lab)
            try await reinstallation(lab)
        }
    }

    /// Debian 13's sudo-rs in sudo's place, for somebody who need not give a password, who has to, and who may not.
    private func sudoInRust(_ lab: ReleaseLab) async throws {
        try await lab.on("new", Self.rust).succeeded()
        let refusals: [String: [(password: String?, refusal: String?)]] = [
            "asked": [
                (nil, "sudo wants a password, and none was given\n"), ("right", nil),
                ("wrong", "sudo did not accept the password\n"),
            ],
            "barred": [
                (nil, "the host's sudoers do not let 'barred' do that\n"),
                ("right", "the host's sudoers do not let 'barred' do that\n"),
            ],
            "free": [(nil, nil), ("wrong", nil)],
        ]
        for (user, cases) in refusals {
            for (password, refusal) in cases {
                let done = try await become(lab, user, password)
                #expect((done.status == 0) == (refusal == nil), "\(user), \(password ?? "-"): \(done.errors)")
                if let refusal { #expect(done.errors.contains(refusal), "\(user): \(done.errors)") }
            }
        }
        let unknown = try await become(lab, "free", nil, "--become-user", "nobody-here")
        #expect(unknown.errors.contains("the host has no user 'nobody-here'\n"), "\(unknown.errors)")
        // Two of a kind that have to be told from a password that is wanted.
        for (fault, words) in [
            ("chmod 666 /etc/sudoers", "world-writable"), ("mv /etc/sudoers /etc/rules", "No such file"),
        ] {
            try await lab.on("new", fault).succeeded()
            let done = try await become(lab, "asked", nil)
            #expect(done.status == 1 && done.errors.contains(words), "\(done.errors)")
            #expect(!done.errors.contains("wants a password"))
        }
    }

    private func become(
        _ lab: ReleaseLab, _ user: String, _ password: String?, _ more: String...
    ) async throws -> Transcript {
        let words = ["run", "-i", ReleaseLab.inventory, "new", "-b"] + more
        try lab.write("as.yml", "all: {vars: {ansible_user: \(user)}}\n")
        guard let password else { return try await lab.drover.run(words + ["-i", "as.yml", "--", "id -u"]) }
        try lab.write("password", password + "\n")
        return try await lab.drover.run(
            words + ["-i", "as.yml", "--become-password-file", "password", "--", "id -u"])
    }

    private static let rust = """
        apt-get install -qy sudo-rs >&2
        ln -s /usr/lib/cargo/bin/sudo /usr/local/bin/sudo
        for user in free asked barred; do
          useradd -m -s /bin/sh $user
          echo $user:right | chpasswd
          install -d -o $user -m 700 /home/$user/.ssh
          install -o $user ~drover/.ssh/authorized_keys /home/$user/.ssh/
        done
        usermod -aG sudo asked
        echo 'free ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers.d/free
        """

    private static func releases(_ json: String) throws -> [String: String] {
        struct Row: Decodable {
            struct Host: Decodable { var name, release: String }
            var host: Host
        }
        let rows = try JSONDecoder().decode([Row].self, from: Data(json.utf8))
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.host.name, $0.host.release) })
    }

    /// A host of another release is a host anew; a lab goes on with what it has where nobody says otherwise.
    private func reinstallation(_ lab: ReleaseLab) async throws {
        let file = lab.folder.appendingPathComponent(ReleaseLab.inventory)
        let text = try String(contentsOf: file, encoding: .utf8)
        try lab.write(ReleaseLab.inventory, text.replacing(", lab_release: bookworm", with: ""))
        let look = "cut -d. -f1 /etc/debian_version; test ! -e /etc/lab-release || echo kept"
        for (options, answer) in [([], "12\nkept\n"), (["--release", "trixie"], "13\n"), ([], "13\n")] {
            let up = try await lab.drover.run(["lab", "up", "-i", ReleaseLab.inventory] + options).succeeded()
            #expect(up.errors.contains("old: made anew with Debian 13") == !options.isEmpty, "\(up.errors)")
            #expect(try await lab.on("old", look).output == answer, "\(options)")
        }
    }

    /// The program runs with the library that the host has, and asks that one what it can do.
    @Test func theHostsOwnLibrarySignsWithRSAAndSpeaksAESGCM() async throws {
        try await ReleaseLab.run { lab in
            try await lab.on("new", "apt-get install -qy libssh2-1t64 libsqlite3-0 libstdc++6 >&2").succeeded()
            try await lab.beside("new", Self.bring, DroverProgram.binary)
            try await lab.introduce("new", to: "old", key: "rsa")
            let strict = """
                printf 'Ciphers aes256-gcm@openssh.com\\nPubkeyAcceptedAlgorithms rsa-sha2-512,rsa-sha2-256\\n' \
                  >/etc/ssh/sshd_config.d/00-strict.conf
                systemctl reload ssh
                """
            try await lab.on("old", strict).succeeded()
            // Without `ssh`, nobody else can have logged in.
            let ping = """
                chmod -x /usr/bin/ssh
                cd /opt/drover
                DROVER_SSH_CONFIG=none LD_LIBRARY_PATH=lib ./drover ping -i /root/rsa/hosts.ini old
                """
            let answer = try await lab.on("new", ping)
            #expect(answer.status == 0, "\(answer.output)\(answer.errors)")
        }
    }

    /// The program and what it links of Swift's.
    private static let bring = #"""
        to=$1/opt/drover
        mkdir -p "$to/lib"
        strip -o "$to/drover" "$2"
        ldd "$2" | awk '$2 == "=>" {print $3}' | while read -r file; do
          case ${file##*/} in
          libFoundation* | lib_Foundation* | libswift* | lib*dispatch* | libBlocksRuntime*) cp -L "$file" "$to/lib/" ;;
          esac
        done
        """#
}
