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
            }
        return balancer + own.map { StarterFiles.File(path: "playbooks/roles/service/\($0.path)", text: $0.text) }
    }

    // MARK: Balancers

    private var balancer: [StarterFiles.File] {
        [
            ("tasks/main.yml", Self.balancerTasks), ("handlers/main.yml", Self.balancerHandlers),
            ("templates/haproxy.cfg.j2", Self.frontend),
        ]
        .map { StarterFiles.File(path: "playbooks/roles/balancer/\($0.0)", text: $0.1) }
    }

    private static let balancerTasks = """
        # What Drover needs of a balancer: HAProxy that reads the folder of the pools, a socket for its administrator, and a file
        # of the pool to begin with.
        - name: Install HAProxy
          apt:
            name: haproxy
            state: present
            update_cache: true
            cache_valid_time: 86400

        - name: Folder of the pools
          file:
            path: /etc/haproxy/pools
            state: directory
            owner: root
            group: root
            mode: "0755"

        # Members come and go with the inventory: Drover owns this file once it exists.
        - name: An empty pool to begin with
          copy:
            content: |
              backend {{ service_name }}
            dest: /etc/haproxy/pools/{{ service_name }}.cfg
            owner: root
            group: root
            mode: "0644"
            force: false

        - name: Start HAProxy with the pools
          copy:
            content: |
              # Written by the balancer role.
              EXTRAOPTS="-S /run/haproxy-master.sock -f /etc/haproxy/pools"
            dest: /etc/default/haproxy
            owner: root
            group: root
            mode: "0644"
          notify: Restart HAProxy

        - name: Frontend
          template:
            src: haproxy.cfg.j2
            dest: /etc/haproxy/haproxy.cfg
            owner: root
            group: root
            mode: "0644"
            validate: haproxy -c -f %s -f /etc/haproxy/pools
          notify: Reload HAProxy

        - name: HAProxy runs
          systemd:
            name: haproxy
            state: started
            enabled: true

        """

    private static let balancerHandlers = """
        # The files that HAProxy reads are part of its command line, which a reload does not change.
        - name: Restart HAProxy
          systemd:
            name: haproxy
            state: restarted

        - name: Reload HAProxy
          systemd:
            name: haproxy
            state: reloaded

        """

    private static let frontend = """
        # {{ inventory_hostname }}: written by the balancer role. The backend is in /etc/haproxy/pools, and Drover's.
        global
            log /dev/log local0
            chroot /var/lib/haproxy
            stats socket /run/haproxy/admin.sock mode 660 level admin
            user haproxy
            group haproxy
            daemon
            maxconn 4000

        defaults
            log global
            mode http
            option httplog
            option dontlognull
            option forwardfor
            timeout http-request 10s
            timeout http-keep-alive 10s
            timeout connect 5s
            timeout client 60s
            timeout server 60s
            timeout queue 10s
            # An old process asks its clients to reconnect before it ends, so that a reload loses no request.
            option idle-close-on-response

        frontend {{ service_name }}_front
            bind :80
            default_backend {{ service_name }}

        """
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

    private static let unitHandlers = """
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
