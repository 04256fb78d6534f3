extension StarterRoles {
    /// What makes a host a balancer.
    static let balancer = [
        ("defaults/main.yml", balancerDefaults), ("tasks/main.yml", balancerTasks),
        ("handlers/main.yml", balancerHandlers), ("templates/haproxy.cfg.j2", frontend),
    ]
    .map { StarterFiles.File(path: "playbooks/roles/balancer/\($0.0)", text: $0.1) }

    private static let balancerDefaults = """
        # Certificate, intermediates and key in one PEM file on this machine, seen from playbooks/ (ansible-vault encrypt it). With
        # one, plain HTTP is sent on to HTTPS.
        balancer_certificate: ""
        # Whether balancers may sign one themselves, which no browser believes: for tests, or behind a proxy that does not look.
        balancer_self_signed: false

        """

    private static let balancerTasks = """
        # What Drover needs of a balancer: HAProxy that reads the folder of the pools, a socket for its administrator, and a file
        # of the pool to begin with.
        - name: A certificate, or leave to do without
          fail:
            msg: >-
              {{ inventory_hostname }} has no certificate: name a PEM file as balancer_certificate in
              inventory/group_vars/all.yml, or say balancer_self_signed: true in the stage's inventory
          when: balancer_certificate | length == 0 and not balancer_self_signed

        - name: Install HAProxy
          apt:
            name: [haproxy, openssl]
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

        - name: Folder of certificates
          file:
            path: /etc/haproxy/certs
            state: directory
            owner: root
            group: root
            mode: "0700"

        - name: Certificate and key
          copy:
            src: "{{ balancer_certificate }}"
            dest: /etc/haproxy/certs/{{ service_name }}.pem
            owner: root
            group: root
            mode: "0600"
          no_log: true
          when: balancer_certificate | length > 0
          notify: Reload HAProxy

        # The key is made on the host and never leaves it.
        - name: A certificate that the host signs itself
          shell: |
            set -e
            umask 077
            cd /etc/haproxy/certs
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \\
                -subj '/CN={{ service_name }}' -keyout .own.key -out .own.crt
            cat .own.crt .own.key >.own.pem
            rm .own.crt .own.key
            mv .own.pem {{ service_name }}.pem
          args:
            creates: /etc/haproxy/certs/{{ service_name }}.pem
          when: balancer_certificate | length == 0

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
            # Drover's way in: root and this group alone may ask for figures, and change members.
            stats socket /run/haproxy/admin.sock mode 660 group haproxy level admin
            user haproxy
            group haproxy
            daemon
            maxconn 4000
            hard-stop-after 15m
            ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets

        defaults
            log global
            mode http
            option httplog
            option dontlognull
            timeout http-request 10s
            timeout http-keep-alive 10s
            timeout connect 5s
            timeout client 60s
            timeout client-fin 10s
            timeout server 60s
            timeout queue 10s
            timeout tunnel 1h
            # An old process asks its clients to reconnect before it ends, so that a reload loses no request.
            option idle-close-on-response

        frontend {{ service_name }}_front
            bind :80
            bind :443 ssl crt /etc/haproxy/certs/{{ service_name }}.pem alpn h2,http/1.1
        {% if balancer_certificate %}
            # Challenges of ACME come over HTTP, and Drover's gates ask over it.
            acl may_be_plain path_beg /.well-known/acme-challenge/
            acl may_be_plain req.hdr(User-Agent) -m str drover
            http-request redirect scheme https code 308 unless { ssl_fc } or may_be_plain
        {% endif %}
            # What a client says of itself here is not passed on.
            http-request set-header X-Forwarded-For %[src]
            http-request set-header X-Forwarded-Host %[req.hdr(Host)]
            http-request set-header X-Forwarded-Proto http
            http-request set-header X-Forwarded-Proto https if { ssl_fc }
            http-request del-header Forwarded
            http-request del-header Proxy
            default_backend {{ service_name }}

        """
}
