import AdHoc
import Lab

extension Drover.Run: DocumentedCommand {
    static var documents: WrittenDocuments { [(.lines, CommandRecord.schema)] }
}

extension Drover.Copy: DocumentedCommand {
    static var documents: WrittenDocuments { [(.lines, CopyRecord.schema)] }
}

extension Drover.Ping: DocumentedCommand {
    static var documents: WrittenDocuments { [(.list, PingAnswer.schema)] }
}

extension Drover.Doctor: DocumentedCommand {
    static var documents: WrittenDocuments { [(.list, HostCheckup.schema)] }
}

extension Drover.BuildCommand.Make: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, BuildAnswer.schema)] }
}

extension Drover.BuildCommand.Sign: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, BuildAnswer.schema)] }
}

extension Drover.BuildCommand.Add: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, BuildAnswer.schema)] }
}

extension Drover.BuildCommand.List: DocumentedCommand {
    static var documents: WrittenDocuments { [(.list, BuildAnswer.schema)] }
}

extension Drover.BuildCommand.Remove: DocumentedCommand {
    static var documents: WrittenDocuments { [(.list, RemovedBuildAnswer.schema)] }
}

extension Drover.BuildCommand.Prune: DocumentedCommand {
    static var documents: WrittenDocuments { [(.list, RemovedBuildAnswer.schema)] }
}

extension Drover.ConnectionsCommand.List: DocumentedCommand {
    static var documents: WrittenDocuments { [(.list, Row.schema)] }
}

extension Drover.ConnectionsCommand.Close: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, Answer.schema)] }
}

extension Drover.LockCommand.Status: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, LeaseAnswer.schema)] }
}

extension Drover.LockCommand.Release: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, ReleasedLeaseAnswer.schema)] }
}

extension Drover.StateCommand.Export: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, DumpAnswer.schema)] }
}

extension Drover.StateCommand.Import: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, DumpAnswer.schema)] }
}

extension LabUp: DocumentedCommand {
    static var documents: WrittenDocuments { [(.list, LabBootAnswer.schema)] }
}

extension LabStatus: DocumentedCommand {
    static var documents: WrittenDocuments { [(.list, LabHostStatus.schema)] }
}
