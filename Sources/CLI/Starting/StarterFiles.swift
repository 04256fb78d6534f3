import Foundation

/// The files of a service to begin with.
struct StarterFiles: Sendable {
    let service: StarterService

    /// A file that is written.
    struct File: Sendable {
        /// Seen from the service's folder.
        let path: String
        let text: String
    }

    /// All of them.
    var all: [File] {
        var files = [
            File(path: "drover.yml", text: serviceFile), File(path: ".gitignore", text: ignored),
            File(path: "inventory/group_vars/all.yml", text: variables),
            File(path: "playbooks/site.yml", text: playbook),
        ]
        for (index, stage) in service.stages.enumerated() {
            files.append(File(path: "inventory/\(stage.name).yml", text: inventory(stage, number: index + 1)))
        }
        if let makefile { files.append(File(path: "Makefile", text: makefile)) }
        if service.shape == .container { files.append(File(path: ".dockerignore", text: Self.outOfImages)) }
        return files + StarterRoles(service: service).files + StarterPipelines(service: service).files
    }

    // MARK: drover.yml

    private var serviceFile: String {
        """
        # The service, its pool, and the stages that a build passes. `drover check` says what is wrong with this and all that
        # it names.
        service: \(service.name)
        units: [\(service.unit)]

        pool:
          name: \(service.name)
          balancers: lb
          members: ap
          port: \(service.port)
          check: {path: \(service.health), expect: 200-299, interval: 1s, rise: 2, fall: 3}

        \(settings)stages:

        """ + service.stages.indices.map(stage).joined()
    }

    /// nginx has no use for variables.
    private var settings: String {
        service.shape == .static
            ? ""
            : """
            # What \(service.unit) gets as environment variables beside PORT; secrets as `!vault`, from ansible-vault encrypt_string.
            # `drover apply STAGE` brings changes, batch by batch. A stage may have an env: of its own.
            # env: {LOG_LEVEL: info}


            """
    }

    private func stage(_ index: Int) -> String {
        let name = service.stages[index].name
        let before =
            index > 0 ? "    after: \(service.stages[index - 1].name)    # only a build that passed there\n" : ""
        return """
              \(name):
                inventory: inventory/\(name).yml
                playbook: playbooks/site.yml
            \(before)    rollout: {canary: 1, batch: 50%, drain: 20s, health: 30s, bake: 2s}
                gates:
                  - http: {path: \(service.health), expect: 200, port: 80}

            """
    }

    // MARK: inventory

    private func inventory(_ stage: StarterService.Stage, number: Int) -> String {
        let hosts = stage.addresses(network: service.labNetwork, number: number)
        func lines(_ hosts: [(String, String)]) -> String {
            hosts.map { name, address in
                "        \(name): {ansible_host: \(address.contains(":") ? "\"\(address)\"" : address)}\n"
            }.joined()
        }
        let head =
            stage.hosts == nil
            ? """
            # \(stage.name): hosts of the lab, which this makes on this machine: drover lab up -i inventory/\(stage.name).yml
            # For hosts of your own: their addresses below, who logs in there as ansible_user, and the two lines that name the
            # lab's key and known_hosts taken out.

            """ : "# \(stage.name): one line a host. After a change: drover apply \(stage.name)\n"
        return head + """
            all:
              vars:
                stage: \(stage.name)
                ansible_user: \(stage.hosts == nil ? "drover" : service.user)

            """ + (stage.hosts == nil ? lab(stage.name) : "") + certificate(stage, number: number) + """
                  children:
                    lb:
                      hosts:
                \(lines(hosts.balancers))    ap:

                """ + (stage.hosts == nil && service.shape == .container ? labOfMembers : "") + """
                      hosts:
                \(lines(hosts.members))
                """
    }

    private func lab(_ stage: String) -> String {
        let folder = "{{ inventory_dir }}/../.drover/labs/\(stage)"
        return """
                ansible_ssh_private_key_file: "\(folder)/id_ed25519"
                ansible_ssh_common_args: "-o UserKnownHostsFile=\(folder)/known_hosts"

            """
    }

    /// podman wants Debian 13, and no overlay below its own.
    private var labOfMembers: String {
        """
              vars:
                lab_release: 13
                # Layers of images are overlays, which a lab's root is itself.
                lab_disk: {path: /var/lib/containers, size: 4G}

        """
    }

    /// Hosts of one's own in the last stage are production, and say for themselves that they do without a certificate.
    private func certificate(_ stage: StarterService.Stage, number: Int) -> String {
        stage.hosts == nil || number < service.stages.count
            ? "    balancer_self_signed: true    # until there is a balancer_certificate\n" : ""
    }

    private var variables: String {
        """
        # What all roles know of the service. Secrets do not belong here in clear: ansible-vault encrypt_string.
        service_name: \(service.name)
        service_root: /srv/\(service.name)
        service_port: \(service.port)
        # For HTTPS: playbooks/roles/balancer/defaults/main.yml
        # balancer_certificate: files/\(service.name).pem

        """
    }

    private var playbook: String {
        """
        # Makes bare Debian hosts what their tier needs. Runs under `drover apply STAGE`, and under `ansible-playbook`.
        - name: Hosts of the service
          hosts: ap
          become: true
          gather_facts: false
          roles:
            - service

        - name: Balancers
          hosts: lb
          become: true
          gather_facts: false
          roles:
            - balancer

        """
    }

    // MARK: Beside them

    /// What makes the folder that is packed, where it has to be made.
    private var makefile: String? {
        let recipe =
            switch service.shape {
            case .static: ""
            case .python:
                """
                # What the application needs beside Python's own library comes with the build, in dist/vendor.
                \tcp -r *.py dist/
                \t[ ! -s requirements.txt ] || python3 -m pip install -q --target dist/vendor -r requirements.txt
                """
            case .binary:
                """
                # For another language: whatever puts a program there that the hosts can run.
                \tmkdir dist/bin
                \tCGO_ENABLED=0 go build -trimpath -o dist/bin/\(service.name) .
                """
            case .container:
                """
                # With Docker: docker build -t \(service.name) . && docker save -o dist/image.tar \(service.name)
                \tpodman build -q --timestamp "$$(git log -1 --format=%ct || echo 0)" -t \(service.name) .
                \tpodman save -q -o dist/image.tar \(service.name)
                """
            }
        guard !recipe.isEmpty else { return nil }
        return """
            # Makes dist/, which `drover rollout STAGE ./dist` packs: what lies in it is what hosts have in \
            /srv/\(service.name)/current.
            .PHONY: dist
            dist:
            \trm -rf dist
            \tmkdir dist
            \(recipe)

            """
    }

    /// What no `COPY . .` is to take along.
    private static let outOfImages = ".git\n.drover\n.drover-key\ndist\ndrover.yml\ninventory\nplaybooks\n"

    private var ignored: String {
        let built = service.shape == .static ? "" : "/dist/\n"
        return "# Drover's journal, builds and labs; the key of a job.\n/.drover/\n/.drover-key\n\(built)"
    }
}
