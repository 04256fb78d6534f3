/// Does `work` for every item, at most `width` at once, begun in the items' order.
///
/// All of it is done, whatever fails. Once the caller's task is cancelled, the work that goes on and that is still begun
/// is cancelled too, which is for `work` to find out.
///
/// - Parameter width: How many at once, one at least.
/// - Returns: The answers, in the items' order.
/// - Throws: When all have ended, the first error in the items' order.
@discardableResult
public func forEachBounded<Item: Sendable, Answer: Sendable, Failure: Error>(
    _ items: [Item], atOnce width: Int = .max,
    _ work: @escaping @Sendable (Item) async throws(Failure) -> Answer
) async throws(Failure) -> [Answer] {
    typealias Ended = (index: Int, result: Result<Answer, Failure>)
    let results = await withTaskGroup(of: Ended.self) { group in
        var waiting = items.indices
        func begin() {
            guard let index = waiting.popFirst() else { return }
            group.addTask { (index, await Result { () async throws(Failure) in try await work(items[index]) }) }
        }
        for _ in 0..<min(max(1, width), items.count) { begin() }
        var results = [Result<Answer, Failure>?](repeating: nil, count: items.count)
        for await ended in group {
            results[ended.index] = ended.result
            begin()
        }
        return results
    }
    var answers: [Answer] = []
    answers.reserveCapacity(items.count)
    for case let result? in results { answers.append(try result.get()) }
    return answers
}

extension Result {
    /// What came of `body`.
    public nonisolated(nonsending) init(
        catching body: nonisolated(nonsending) () async throws(Failure) -> Success
    ) async {
        do throws(Failure) {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
