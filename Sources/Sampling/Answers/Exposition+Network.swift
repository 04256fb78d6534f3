// What is the host's own everywhere: a container has a network and file systems of its own.

extension Exposition {
    func addNetwork(to out: inout PrometheusText) {
        let counters: [(String, String, KeyPath<DeviceCounters, UInt64>)] = [
            ("receive_bytes", "Bytes received.", \.bytesIn), ("receive_packets", "Packets received.", \.packetsIn),
            ("receive_errs", "Damaged packets received.", \.errorsIn),
            ("receive_drop", "Packets dropped on receipt.", \.droppedIn),
            ("transmit_bytes", "Bytes sent.", \.bytesOut), ("transmit_packets", "Packets sent.", \.packetsOut),
            ("transmit_errs", "Packets that could not be sent.", \.errorsOut),
            ("transmit_drop", "Packets dropped before they were sent.", \.droppedOut),
        ]
        for (name, help, part) in counters {
            out.add(
                "node_network_\(name)_total", .counter, help,
                reading.devices.map { .init(labels: [("device", $0.name)], value: String($0[keyPath: part])) })
        }
        for name in [
            "ActiveOpens", "PassiveOpens", "CurrEstab", "InSegs", "OutSegs", "RetransSegs", "InErrs", "OutRsts",
        ] {
            out.add(
                "node_netstat_Tcp_\(name)", .untyped, "/proc/net/snmp: Tcp \(name).",
                PrometheusText.number(reading.tcp["Tcp.\(name)"]))
        }
        for name in ["ListenOverflows", "ListenDrops", "TCPTimeouts"] {
            out.add(
                "node_netstat_TcpExt_\(name)", .untyped, "/proc/net/netstat: TcpExt \(name).",
                PrometheusText.number(reading.tcpExtensions["TcpExt.\(name)"]))
        }
        for name in ["sockets.used", "TCP.inuse", "TCP.orphan", "TCP.tw", "UDP.inuse"] {
            let words = name.split(separator: ".").joined(separator: "_")
            out.add(
                "node_sockstat_\(words)", .gauge, "/proc/net/sockstat: \(words).",
                PrometheusText.number(reading.sockets[name]))
        }
    }

    func addFileSystems(to out: inout PrometheusText) {
        func add(_ name: String, _ help: String, _ value: (FileSystemSample) -> Double) {
            out.add(
                "node_filesystem_\(name)_bytes", .gauge, help,
                reading.fileSystems.map {
                    .init(labels: [("mountpoint", $0.path)], value: PrometheusText.number(value($0)))
                })
        }
        add("size", "Bytes in all.") { $0.totalKiB * 1024 }
        add("avail", "Bytes that users may still write.") { $0.availableKiB * 1024 }
    }
}
