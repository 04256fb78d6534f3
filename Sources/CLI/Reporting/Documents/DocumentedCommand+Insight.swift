extension Drover.Sar: DocumentedCommand {
    static var documents: WrittenDocuments { [(.lines, SarRecord.schema)] }
}

extension Drover.Diagnose: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, DiagnosisAnswer.schema)] }
}

extension Drover.AgentCommand.Install: DocumentedCommand {
    static var documents: WrittenDocuments { [(.list, AgentAnswer.schema)] }
}

extension Drover.AgentCommand.Status: DocumentedCommand {
    static var documents: WrittenDocuments { [(.list, AgentStatusAnswer.schema)] }
}

extension Drover.AgentCommand.Remove: DocumentedCommand {
    static var documents: WrittenDocuments { [(.list, AgentAnswer.schema)] }
}

extension Drover.Top: DocumentedCommand {
    static var documents: WrittenDocuments { [(.lines, TopAnswer.schema)] }
}

extension Drover.Capacity: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, CapacityAnswer.schema)] }
}

extension Drover.AdviseCommand.Storage: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, StorageAnswer.schema)] }
}

extension Drover.AdviseCommand.Memory: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, MemoryAnswer.schema)] }
}

extension Drover.AdviseCommand.Hosts: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, HostsAnswer.schema)] }
}
