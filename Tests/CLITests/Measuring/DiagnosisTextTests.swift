import Fleet
import Insight
import TestSupport
import Testing

@testable import CLI

@Suite struct DiagnosisTextTests {
    private static let window = ObservationWindow(from: 1_796_085_000, to: 1_796_085_060)

    private static func answer(_ verdicts: [TierVerdict], tier: String? = "db", cause: Cause = .processor)
        -> DiagnosisAnswer
    {
        DiagnosisAnswer(
            StageDiagnosis(
                stage: "production", window: window, verdicts: verdicts, tier: tier, cause: cause, waiting: ["ap"],
                notes: ["the clocks differ by 2 s"], message: "db is CPU-bound; ap waits for it"),
            StageObservation(stage: "production", window: window, tiers: []))
    }

    private static let short = TierVerdict(
        tier: "db", role: .database, cause: .processor, confidence: .high, hosts: ["db1"],
        evidence: [FigureEvidence("%cpu", 97, unit: "%", limit: 80, of: "db1", window: window)],
        advice: [
            Advice(
                .addHosts, tier: "db",
                hosts: HostEstimate(
                    now: 1, needed: 2, low: 2, high: 3, formula: "M/M/c", assumptions: ["load spreads"],
                    arithmetic: ["D = 0.97"]), hostsHelp: true, message: "add 1 host to db")
        ], summary: "CPU-bound")
    private static let waiting = TierVerdict(
        tier: "ap", role: .application, cause: .dependency, confidence: .medium, waitsFor: "db")

    @Test func whatIsShortStandsFirstWithWhatSaysSoAndWhatMendsIt() {
        let text = DiagnosisText(answer: Self.answer([Self.waiting, Self.short]), showsArithmetic: true)
        #expect(text.sum == .init(kind: .short, text: "production: db is CPU-bound; ap waits for it"))
        #expect(
            text.table.lines == [
                "TIER VERDICT      SURE   HOSTS", "ap   waits for db medium all", "db   CPU-bound    high   db1",
            ])
        #expect(
            text.details.map(\.text) == [
                "", "db: CPU-bound", "  db1: %cpu 97 % (limit 80 %)", "  advice: add 1 host to db",
                "    1 host now, 2 needed (2 to 3), by M/M/c", "    assumes: load spreads", "    D = 0.97",
                "", "note: the clocks differ by 2 s",
            ])
        let terse = DiagnosisText(answer: Self.answer([Self.short]), showsArithmetic: false)
        #expect(!terse.details.map(\.text).contains("    D = 0.97"))
    }

    @Test func aHealthyStageIsSaidInOneLineAndATable() {
        let healthy = TierVerdict(tier: "ap", role: .application, cause: .healthy, confidence: .high)
        let answer = Self.answer([healthy], tier: nil, cause: .healthy)
        let text = DiagnosisText(answer: answer, showsArithmetic: false)
        #expect(!answer.isShort && text.sum.kind == .healthy)
        #expect(text.table.lines.last == "ap   healthy high all")
    }

    @Test func itsJSONHasTheFieldsOfItsSchema() throws {
        let mistakes = WrittenJSON.mistakes(in: try EncodedJSON.pretty(Self.answer([Self.waiting, Self.short])))
        #expect(mistakes == [])
    }
}
