/// The roles of a service to begin with.
struct StarterRoles: Sendable {
    let service: StarterService

    /// Their files.
    var files: [StarterFiles.File] {
        let own =
            switch service.shape {
            case .static: site
            case .python: unit(packages: "[gunicorn, python3]") + [python]
            case .binary: unit(packages: nil) + [binary]
            case .container: StarterContainer.files
            }
        return Self.balancer + own.map { StarterFiles.File(path: "playbooks/roles/service/\($0.path)", text: $0.text) }
    }
}

// MARK: Members

extension StarterRoles {
    private func unit(packages: String?) -> [StarterFiles.File] {
        let install =
            packages.map {
                """
                - name: What the service is run by
                  apt:
                    name: \($0)
                    state: present
                    update_cache: true
                    cache_valid_time: 86400


                """
            } ?? ""
        return [
            StarterFiles.File(path: "tasks/main.yml", text: install + Self.folders + Self.unitTasks),
            StarterFiles.File(path: "handlers/main.yml", text: Self.unitHandlers),
        ]
    }

    private static let folders = """
        - name: User of the service
          user:
            name: "{{ service_name }}"
            system: true
            shell: /usr/sbin/nologin
            home: "{{ service_root }}"
            create_home: false

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

        - name: Folder that releases share
          file:
            path: "{{ service_root }}/shared"
            state: directory
            owner: "{{ service_name }}"
            group: "{{ service_name }}"
            mode: "0750"


        """

    private static let unitTasks = """
        - name: Unit of the service
          template:
            src: service.service.j2
            dest: /etc/systemd/system/{{ service_name }}.service
            owner: root
            group: root
            mode: "0644"
          notify: Reload systemd

        # It starts with its first release, which a rollout brings.
        - name: The service starts with the host
          systemd:
            name: "{{ service_name }}"
            enabled: true

        """

    static let unitHandlers = """
        # What is running keeps its old settings until: drover restart STAGE
        - name: Reload systemd
          systemd:
            daemon_reload: true

        """

    private var binary: StarterFiles.File {
        unitFile(
            condition: "bin/{{ service_name }}", start: "{{ service_root }}/current/bin/{{ service_name }}",
            environment: "Environment=PORT={{ service_port }}")
    }

    /// What the application needs beside Python's own library comes with the build, in `vendor`.
    private var python: StarterFiles.File {
        unitFile(
            condition: "app.py",
            start:
                "/usr/bin/gunicorn --chdir {{ service_root }}/current --bind 0.0.0.0:{{ service_port }} --workers 2 app:app",
            environment: """
                Environment=PORT={{ service_port }} PYTHONDONTWRITEBYTECODE=1
                Environment=PYTHONPATH={{ service_root }}/current/vendor
                """)
    }

    private func unitFile(condition: String, start: String, environment: String) -> StarterFiles.File {
        StarterFiles.File(
            path: "templates/service.service.j2",
            text: """
                # Written by the service role.
                [Unit]
                Description={{ service_name }}
                After=network-online.target
                Wants=network-online.target
                # Without a release there is nothing to start.
                ConditionPathExists={{ service_root }}/current/\(condition)
                # However often it fails, it is tried again.
                StartLimitIntervalSec=0

                [Service]
                User={{ service_name }}
                Group={{ service_name }}
                WorkingDirectory={{ service_root }}/shared
                \(environment)
                # Settings and secrets of the release: env: in drover.yml. They win over what stands above.
                EnvironmentFile=-{{ service_root }}/current/.drover-env
                ExecStart=\(start)
                Restart=on-failure
                RestartSec=2
                TimeoutStopSec=25
                NoNewPrivileges=true
                ProtectSystem=strict
                ProtectHome=true
                PrivateTmp=true
                PrivateDevices=true
                ReadWritePaths={{ service_root }}/shared

                [Install]
                WantedBy=multi-user.target

                """)
    }

    private var site: [StarterFiles.File] {
        [
            StarterFiles.File(path: "tasks/main.yml", text: Self.siteTasks),
            StarterFiles.File(path: "handlers/main.yml", text: Self.siteHandlers),
            StarterFiles.File(path: "templates/site.conf.j2", text: Self.siteSettings),
        ]
    }

    private static let siteTasks = """
        - name: Install nginx
          apt:
            name: nginx
            state: present
            update_cache: true
            cache_valid_time: 86400

        - name: Folders of the site
          file:
            path: "{{ item }}"
            state: directory
            owner: root
            group: root
            mode: "0755"
          loop:
            - "{{ service_root }}"
            - "{{ service_root }}/releases"
            - "{{ service_root }}/shared"

        - name: Debian's own page is not served
          file:
            path: /etc/nginx/sites-enabled/default
            state: absent
          notify: Reload nginx

        - name: The site
          template:
            src: site.conf.j2
            dest: /etc/nginx/conf.d/{{ service_name }}.conf
            owner: root
            group: root
            mode: "0644"
          notify: Reload nginx

        - name: nginx runs
          systemd:
            name: nginx
            state: started
            enabled: true

        """

    private static let siteHandlers = """
        - name: Reload nginx
          systemd:
            name: nginx
            state: reloaded

        """

    private static let siteSettings = """
        # Written by the service role.
        server {
            listen {{ service_port }} default_server;
            root {{ service_root }}/current;
            index index.html;
            server_tokens off;

            location / {
                try_files $uri $uri/ =404;
            }
        }

        """
}
