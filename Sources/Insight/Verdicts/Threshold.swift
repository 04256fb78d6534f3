/// From how much on a figure tells. All are means over the whole window, listen queues alone the most of all looks; docs/diagnosis.md says where each comes from.
enum Threshold {
    /// Seconds of samples with which anything is said.
    static let leastSeconds = 5.0
    /// Requests with which a tier behind balancers is called healthy.
    static let leastRequests = 30.0

    /// Processors are short from so much of them in use, in percent, …
    static let processor = 80.0
    /// … if tasks wait for them so much of the time, …
    static let processorPressure = 10.0
    /// … or the host's own quota held it back in so many of its periods.
    static let throttled = 20.0
    /// Where neither is known, processors are short from so much on.
    static let processorAlone = 92.0
    /// A quota that holds a host back so often is short even where not all of it is used: work comes in bursts.
    static let throttledAlone = 50.0
    /// Below so much in use processors are not what a host is short of, though requests wait.
    static let processorIdle = 60.0
    /// A thread that never waits, in percent of one processor.
    static let thread = 92.0
    /// Connections that waited to be accepted at one look, from how many on they tell by themselves.
    static let unaccepted = 8
    /// Time that a machine's other guests took, in percent.
    static let steal = 10.0
    /// Tasks wait so much for processors that the host hardly uses: others have them.
    static let neighbourPressure = 40.0

    /// Share of the bytes read that were read a short time before, in percent.
    static let refaultShare = 20.0
    /// Such pages a second.
    static let refaults = 100.0
    /// Waiting for disk and memory, together, that shows that they matter.
    static let refaultPressure = 5.0
    /// All tasks wait for the disk.
    static let diskPressureFull = 10.0
    /// A disk that is hardly ever idle.
    static let diskBusy = 80.0
    /// How much longer than usual its requests take then.
    static let diskWaitFactor = 2.0
    /// Where the usual is not known, from how many milliseconds on they are slow.
    static let diskWait = 1.0
    /// All tasks wait for memory.
    static let memoryPressureFull = 5.0
    /// Pages a second that come back from swap.
    static let swapIn = 20.0
    /// Room left on a file system, in percent of it; and files that may be there still, the same way.
    static let spaceLeft = 1.0

    /// Segments sent again, in percent of those sent, …
    static let retransmits = 2.0
    /// … if so many are sent a second.
    static let segments = 20.0
    /// Connections a second that nobody accepted in time.
    static let overflows = 0.1
    /// How full of connections is full.
    static let connections = 0.9
    /// The same of a service that counts its clients itself.
    static let serviceConnections = 0.95

    /// A host that has so many times what the others have.
    static let uneven = 1.5
    /// A member that takes so many times as long as the others.
    static let slow = 3.0
    /// Milliseconds that it takes longer at least.
    static let slower = 20.0
    /// Processors in use, in points above the others' median.
    static let unevenProcessor = 30.0

    /// Jobs that wait, with which a queue is looked at.
    static let ready = 10.0
    /// Share of the buffer pool's look-ups that go to the disk, in percent.
    static let poolMisses = 5.0
    /// Evictions in percent of what is stored.
    static let evictions = 20.0
    /// A cache that has so much of what it is asked for does well, evictions or not.
    static let goodHits = 0.9
    /// Milliseconds a second that statements wait for others' rows.
    static let rowLocks = 1000.0
    /// Share of what a host works on that waits for one other, from which on it waits for it.
    static let waitingShare = 0.5
    /// Where nobody said how long answers may take: milliseconds that are long.
    static let longAnswer = 500.0
}
