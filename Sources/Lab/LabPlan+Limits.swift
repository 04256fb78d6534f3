import Fleet

extension LabPlan {
    /// Checks that this machine can give the hosts what they ask for.
    ///
    /// - Parameters:
    ///   - hasFuse: Whether the machine has `/dev/fuse`.
    ///   - missing: Controllers that some limits need and the machine does not have.
    func checkMachine(
        hasFuse: Bool, missing: (LabLimits) -> [LimitFile.Controller]
    ) throws(InputError) {
        for host in hosts {
            guard hasFuse || !host.hasFuse else {
                throw InputError(
                    "host '\(host.name)' asks for /dev/fuse, and this machine has none", at: places[host.name],
                    hints: ["load the kernel's module: modprobe fuse"])
            }
            guard let controller = missing(host.limits).first else { continue }
            throw InputError(
                "lab_\(controller == .cpu ? "cpus" : controller.rawValue) of host '\(host.name)' cannot be held: "
                    + "the control groups of this machine have no '\(controller.rawValue)' for others",
                at: places[host.name], hints: ["see what it has: cat /proc/cgroups /sys/fs/cgroup/cgroup.controllers"])
        }
    }

    /// The plan with the limits that hosts of `present` were given by hand, where the inventory says of their limits what it
    /// said then.
    func keepingLimits(of present: [LabHost]) -> LabPlan {
        var plan = self
        for index in plan.hosts.indices {
            let host = plan.hosts[index]
            guard let before = present.first(where: { $0.name == host.name }), before.limits == host.limits else {
                continue
            }
            plan.hosts[index].limitsByHand = before.limitsByHand
        }
        return plan
    }
}
