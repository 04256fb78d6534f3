public import Fleet

/// Something that happens to a stage while it is looked at or changed. Data only: the words for it are whoever's who shows it.
public enum StageEvent: Sendable {
    /// An event of a rollout is durable.
    case recorded(RunID, RolloutEntry)
    /// A lease of which this machine's clock makes no sense is watched for a heartbeat, for so long.
    case watchingLease(Lease, Duration)
    /// What an earlier version left on these hosts was brought to the present format, which that version refuses; it stands
    /// in `folder`.
    case upgraded([HostName], folder: String)
    /// Something could not be noted on hosts; `nil` where nobody says why.
    case unnoted((any ExplainedError)?)
    /// A balancer that was left out earlier still does not answer, and stays left out.
    case stillLeftOut(HostName, TrafficError)
    /// A balancer that was left out, for this reason, serves what the others do again.
    case takenBack(HostName, reason: String)
    /// The pool's settings on these balancers are not the file's, and are used as they are; none means that only ports or
    /// checks of members differ.
    case foreignSettings(balancers: [HostName])
    /// Hosts that somebody stopped, which are left alone; and those that were taken out of rotation by hand, which get the
    /// build and no traffic.
    case stayingOut(stopped: [HostName: UnitStop], keptOut: [HostName: KeptOut])
    /// How the balancers have the hosts that do not serve when a rollout, or work on units, has ended.
    case standing([HostStanding])
    /// A rollout was given up in the middle, with its hosts in this state.
    case givenUp(RolloutState, isTakenOver: Bool)
    /// It was decided which build the stage goes back to.
    case goingBack(BuildLabel, reason: String)
    /// A build that just passed is gone back from, to show that this works.
    case rehearsing(from: BuildDigest, to: BuildDigest)
    /// Going back from a build was shown to work, and how long it took.
    case rehearsed(BuildDigest, Duration)
    /// Something that the pool lacks is about to be done.
    case changing(FleetChange)
    /// A host did not answer, and nothing is done to it.
    case leftAlone(RolloutError)
    /// A balancer cannot be asked.
    case silent(HostName, reason: String)
    /// Something could not be done to a host.
    case failed(RolloutError)
    /// Something went wrong on a host that left, which was retired all the same.
    case goneOn(RolloutError)
    /// An apply failed or was stopped, and this is how far it came.
    case remainder(ApplyRemainder)
    /// A host that left the inventory may still work.
    case stillRunning(StillRunning)
    /// A build that is needed is being brought to this machine, or was.
    case bringing(BuildTransfer, isDone: Bool)
    /// Somebody who should have a build cannot give it.
    case unavailable(any ExplainedError)
    /// A whole build is sent where what differs would do, for this reason.
    case sendingWhole(RolloutError)
    /// Somebody who may vouches for the build.
    case signed(BuildRecord, by: String)
    /// The shared store of builds was not told what the stage runs.
    case useUnnoted(any ExplainedError)
    /// Hosts get other settings, with the build that they run.
    case changingSettings(SettingsChange)
    /// There is nothing yet that members could run.
    case noBuild
}
