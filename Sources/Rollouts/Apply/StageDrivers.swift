public import Fleet

/// What a stage is looked at and changed through, handed in by whoever plugs the drivers together.
public struct StageDrivers: Sendable {
    /// What changes releases and units on the stage's hosts; `former` says how hosts are reached that the inventory no longer
    /// names.
    typealias OpenReleases =
        @Sendable (_ site: StageSite, _ token: Int64, _ former: [HostName: Route]) -> any ReleaseControl
        & UnitControl & NoteControl & ArchiveControl & SettingsControl & HookControl

    /// The ways to hosts and balancers.
    public let connections: StageConnections
    /// Asks for pages.
    public let web: any WebClient
    /// What was done, and who may change the stage.
    public let journal: any RunJournal
    /// The builds on this machine.
    public let builds: BuildStore
    /// The builds that the service's machines share, where they do.
    public let sharedBuilds: SharedBuilds?
    /// Has each build brought here once.
    let bringing = BuildBringing()
    /// Has each build's signatures looked at once.
    let vouching = BuildVouching()
    /// Makes what differs between builds once.
    let deltas: BuildDeltas
    /// The settings that were come across.
    let book = SettingsBook()
    /// Where they come from.
    let settings: SettingsSource
    /// The process that does it.
    public let controller: Controller
    /// Tells how long hosts, balancers and gates are waited for.
    let clock: any Clock<Duration>
    /// Takes secrets out of what hosts and people said.
    let mask: @Sendable (String) -> String
    /// Opens hosts' releases otherwise than over ``connections``; `nil` leaves it to those.
    var openReleases: OpenReleases?

    /// Drivers; `mask` changes nothing unless said otherwise.
    public init(
        _ connections: StageConnections, web: any WebClient, journal: any RunJournal, builds: BuildStore,
        sharedBuilds: SharedBuilds? = nil, controller: Controller, clock: any Clock<Duration> = ContinuousClock(),
        mask: @escaping @Sendable (String) -> String = { $0 }, settings: SettingsSource = .none
    ) {
        self.settings = settings
        self.connections = connections
        self.web = web
        self.journal = journal
        self.builds = builds
        deltas = BuildDeltas(store: builds)
        self.sharedBuilds = sharedBuilds
        self.controller = controller
        self.clock = clock
        self.mask = mask
    }
}
