import Fleet
import Foundation

extension JournalEntry {
    /// What the line says, as `type` has it.
    /// - Throws: ``JournalError`` `.storage` for a line that is none of these.
    func payload<Payload: Decodable>(as type: Payload.Type) throws(JournalError) -> Payload {
        do {
            return try JSONDecoder().decode(type, from: Data(payload.utf8))
        } catch {
            throw JournalError(
                .storage, subject: "run \(run)", "entry \(sequence) ('\(kind)') cannot be read",
                hints: ["was it written by a newer Drover?"])
        }
    }
}
