/// What stands on a host beside the agent's program.
enum AgentUnit {
    static let program = HostHistory.program
    static let unitPath = "/etc/systemd/system/drover-agent.service"
    static let configurationPath = "/etc/drover-agent.conf"
    static let user = "drover-agent"

    /// The unit: a user of its own, and no more rights than sampling takes. The role `agent` has the same.
    static let text = """
        # Written by the role agent, or by drover agent install: both write the same.
        [Unit]
        Description=Drover's agent: samples this host, tells balancers its headroom
        After=network.target
        # However often it ends, it is started again: nobody has to come.
        StartLimitIntervalSec=0

        [Service]
        Type=notify
        User=drover-agent
        Group=drover-agent
        ExecStart=/usr/local/bin/drover-agent run --config /etc/drover-agent.conf
        Restart=always
        RestartSec=1
        # Its settings are wrong: that does not mend itself.
        RestartPreventExitStatus=78
        WatchdogSec=60
        StateDirectory=drover-agent
        StateDirectoryMode=0750
        UMask=0027
        # Balancers wait for its answer when the host is busiest.
        Nice=-5
        MemoryMax=64M
        TasksMax=8
        LimitNOFILE=1024

        NoNewPrivileges=true
        CapabilityBoundingSet=
        AmbientCapabilities=
        SystemCallFilter=@system-service
        SystemCallFilter=~@privileged @resources
        SystemCallErrorNumber=EPERM
        SystemCallArchitectures=native
        RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
        RestrictNamespaces=true
        RestrictRealtime=true
        RestrictSUIDSGID=true
        LockPersonality=true
        MemoryDenyWriteExecute=true
        KeyringMode=private
        ProtectSystem=strict
        ProtectHome=true
        PrivateTmp=true
        PrivateDevices=true
        PrivateUsers=true
        ProtectClock=true
        ProtectControlGroups=true
        ProtectHostname=true
        ProtectKernelLogs=true
        ProtectKernelModules=true
        ProtectKernelTunables=true
        ProtectProc=invisible
        RemoveIPC=true

        [Install]
        WantedBy=multi-user.target

        """

    /// Settings for a host that has none: it listens where only the host itself may ask, or also at its own address, for
    /// the stage's balancers alone.
    static func configuration(address: String?, balancers: [String]) -> String {
        guard let address, !balancers.isEmpty else {
            return """
                # Written by drover agent install. `drover-agent check-config` tells what is wrong with it.
                listen = 127.0.0.1

                """
        }
        return """
            # Written by drover agent install. `drover-agent check-config` tells what is wrong with it.
            listen = 127.0.0.1, \(address)
            \(balancers.map { "allow = \($0)" }.joined(separator: "\n"))

            """
    }
}
