/// The role of a service that is a container: podman runs what systemd starts, from the image that lies in the release.
enum StarterContainer {
    /// Its files, below the role's folder.
    static let files = [
        StarterFiles.File(path: "tasks/main.yml", text: tasks),
        StarterFiles.File(path: "handlers/main.yml", text: StarterRoles.unitHandlers),
        StarterFiles.File(path: "templates/image.sh.j2", text: script),
        StarterFiles.File(path: "templates/service.container.j2", text: unit),
    ]

    private static let tasks = """
        # Debian 13 has podman 5.4, Debian 12 has 4.3: hosts that would not do are refused before anything is changed.
        - name: Which podman the host has, or would get
          shell: |
            . /etc/os-release
            found=$(podman --version 2>/dev/null | sed 's/.* //')
            [ -n "$found" ] || found=$(LC_ALL=C apt-cache policy podman 2>/dev/null |
                sed -n 's/^ *Candidate: \\([0-9]*:\\)\\{0,1\\}\\([0-9][0-9.]*\\).*/\\2/p')
            [ -n "$found" ] || [ "$ID$VERSION_ID" != debian12 ] || found=4.3
            echo "${found:-unknown}"
          register: podman
          changed_when: false
          check_mode: false

        - name: Quadlets
          fail:
            msg: >-
              {{ inventory_hostname }} has podman {{ podman.stdout }}, and the service's unit needs 5.0 or newer: take a host of
              Debian 13 (in a lab, lab_release: 13); nothing was changed on this one
          when: podman.stdout != 'unknown' and podman.stdout is version('5.0', '<')

        - name: What the service is run by
          apt:
            name: [podman, catatonit, nftables]
            state: present
            install_recommends: false
            update_cache: true
            cache_valid_time: 86400

        - name: Folders of the service
          file:
            path: "{{ item }}"
            state: directory
            owner: root
            group: root
            mode: "0755"
          loop:
            - "{{ service_root }}"
            - "{{ service_root }}/releases"
            - /etc/containers/systemd

        # Whoever the image's program runs as owns it, from its first start on.
        - name: Folder that releases share
          file:
            path: "{{ service_root }}/shared"
            state: directory
            mode: "0750"

        - name: What loads the release's image
          template:
            src: image.sh.j2
            dest: /usr/local/sbin/{{ service_name }}-image
            owner: root
            group: root
            mode: "0755"

        # It starts with its first release, which a rollout brings, and with the host.
        - name: Unit of the service
          template:
            src: service.container.j2
            dest: /etc/containers/systemd/{{ service_name }}.container
            owner: root
            group: root
            mode: "0644"
          notify: Reload systemd

        """

    private static let script = #"""
        #!/bin/sh
        # Written by the service role. Before each start: localhost/{{ service_name }}:current becomes the image of the current
        # release, whatever it is called in image.tar. It is loaded once a build, and goes with the build's last release.
        set -eu
        releases={{ service_root }}/releases
        current={{ service_root }}/current
        image=localhost/{{ service_name }}
        loading=/var/lib/containers/{{ service_name }}.loading
        podman() { command podman --events-backend=none "$@"; }

        # 1a2b3c4d5e6f-0f9e8d7c is build 1a2b3c4d5e6f with some settings.
        build=$(basename "$(readlink "$current")")
        build=${build%%-*}
        if ! podman image exists "$image:$build"; then
            # podman waits for no disk, and takes layers for whole that a power cut has emptied: those of a load that was cut
            # short go first, and an image is on the disk before it gets its name.
            [ ! -e "$loading" ] || podman system check --repair --force
            touch "$loading"
            sync -f "$loading"
            loaded=$(podman load --quiet --input "$current/image.tar" | sed -n 's/^Loaded image: //p' | head -n 1)
            [ -n "$loaded" ] || exit 1
            sync -f "$loading"
            podman tag "$loaded" "$image:$build"
            case $loaded in sha256:*) ;; *) podman untag "$loaded" "$loaded" ;; esac
            rm "$loading"
        fi
        podman tag "$image:$build" "$image:current"

        podman images --noheading "$image" | while read -r _ tag _; do
            set -- "$releases/$tag"*
            # One that something still uses goes next time.
            [ "$tag" = current ] || [ -e "$1" ] || podman rmi "$image:$tag" >/dev/null || true
        done

        # The names of the release's settings alone: podman hands on their values, which it has from systemd.
        settings=$current/.drover-env
        [ -e "$settings" ] || settings=/dev/null
        sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=".*/\1/p' "$settings" >/run/{{ service_name }}/settings

        """#

    private static let unit = """
        # Written by the service role: podman's generator makes {{ service_name }}.service of it.
        [Unit]
        Description={{ service_name }}
        # Without a release there is nothing to start.
        ConditionPathExists={{ service_root }}/current/image.tar
        # However often it fails, it is tried again.
        StartLimitIntervalSec=0

        [Container]
        ContainerName={{ service_name }}
        # The current release's, which ExecStartPre= below calls so; nothing is ever fetched.
        Image=localhost/{{ service_name }}:current
        Pull=never
        HostName=%H
        # Past the host's own firewall, and over IPv4 alone: where either matters, Network=host in its place.
        PublishPort={{ service_port }}:{{ service_port }}
        Environment=PORT={{ service_port }}
        EnvironmentFile=/run/{{ service_name }}/settings
        # What outlives releases. All else can only be read, but for /tmp, /var/tmp and /run, which go with the container.
        Volume={{ service_root }}/shared:/shared:U
        ReadOnly=true
        # Signals reach the program as they would outside; an image that has an init of its own does without.
        RunInit=true
        # As the image's USER; a program that begins as root and needs rights of root's gets them by AddCapability=.
        DropCapability=all
        NoNewPrivileges=true
        LogDriver=journald
        StopTimeout=20
        GlobalArgs=--events-backend=none

        [Service]
        RuntimeDirectory={{ service_name }}
        RuntimeDirectoryMode=0700
        # Settings and secrets of the release: env: in drover.yml.
        EnvironmentFile=-{{ service_root }}/current/.drover-env
        ExecStartPre=/usr/local/sbin/{{ service_name }}-image
        Restart=on-failure
        RestartSec=2
        # Loading an image takes its time; Drover waits two minutes.
        TimeoutStartSec=110
        TimeoutStopSec=30
        # What ends by SIGTERM, as it was told to.
        SuccessExitStatus=143

        [Install]
        WantedBy=multi-user.target

        """
}
