import Fleet

/// Calls `body` for every item at once, and gives the answers in the items' order, or the first error.
@discardableResult
func forEach<Item: Sendable, Answer: Sendable>(
    _ items: [Item], _ body: @escaping @Sendable (Item) async throws(LabError) -> Answer
) async throws(LabError) -> [Answer] {
    let results = await withTaskGroup(of: (Int, Result<Answer, LabError>).self) { group in
        for (index, item) in items.enumerated() {
            group.addTask {
                do throws(LabError) {
                    return (index, .success(try await body(item)))
                } catch { return (index, .failure(error)) }
            }
        }
        var found: [(Int, Result<Answer, LabError>)] = []
        for await result in group { found.append(result) }
        return found.sorted { $0.0 < $1.0 }
    }
    var answers: [Answer] = []
    for (_, result) in results { answers.append(try result.get()) }
    return answers
}
