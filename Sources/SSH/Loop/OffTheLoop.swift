import Dispatch

private let blockingWork = DispatchQueue(label: "drover.blocking", attributes: .concurrent)

/// Does what blocks (files, agents, programs) on a thread that no loop needs.
func offTheLoop(_ work: @escaping @Sendable () -> Void) { blockingWork.async(execute: work) }

/// What `work` gives, which blocks meanwhile, on a thread that no loop needs.
func offTheLoop<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in offTheLoop { continuation.resume(returning: work()) } }
}
