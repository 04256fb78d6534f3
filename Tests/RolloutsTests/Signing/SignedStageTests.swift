import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// Stages that take signed builds only.
@Suite struct SignedStageTests {
    /// A stage of two hosts that run one build, and another build that may be signed.
    private struct Scene {
        let rig: StageRig
        let build: BuildRecord
        let key: String

        func rollOut() async throws -> RolloutState {
            try await rig.session.rollOut(
                build.digest, .rollout, policy: RolloutPolicy(canary: 0, batch: .percent(100), bake: .zero))
        }

        func sign() async throws {
            _ = try await rig.journal.add(
                try await BuildSigning().sign(build, key: key, at: Timestamp(milliseconds: 2)))
        }
    }

    private func withScene(_ body: (Scene) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let script = """
                ssh-keygen -q -t ed25519 -N '' -C a -f key; echo "a@b $(cut -d' ' -f1,2 key.pub)" >signers
                """
            try await DroverProgram.run(["env", "-C", folder.path, "sh", "-ec", script]).succeeded()
            let rig = try StageRig(
                in: folder, members: 2, running: Builds.one.release, extra: "require_signature: signers")
            let build = try await rig.journal.add(
                BuildRecord(
                    digest: Builds.two, name: "shop-2", size: 1, addedAt: Timestamp(milliseconds: 1),
                    tar: TarDigest(String(repeating: "1", count: 64))))
            try await body(Scene(rig: rig, build: build, key: folder.path + "/key"))
        }
    }

    @Test func anUnsignedBuildTouchesNothing() async throws {
        try await withScene { scene in
            let error = await #expect(throws: StageError.self) { _ = try await scene.rollOut() }
            #expect(error?.code == .unsigned)
            #expect(error?.message.hasPrefix("build shop-2 (\(Builds.two.release)) is not sent anywhere") == true)
            let back = await #expect(throws: StageError.self) {
                _ = try await scene.rig.session.goBack(to: scene.build.digest)
            }
            #expect(back?.code == .unsigned)
            #expect(scene.rig.fleet.calls == [] && scene.rig.deeds == [], "\(scene.rig.fleet.calls)")
        }
    }

    @Test func aSignedOneIsRolledOut() async throws {
        try await withScene { scene in
            try await scene.sign()
            #expect(try await scene.rollOut().outcome == .succeeded)
            #expect(scene.rig.events.contains { $0.contains("a@b") })
        }
    }

    /// Whatever became of who signed it: going back must not be refused.
    @Test func goingBackIsNeverRefused() async throws {
        try await withScene { scene in
            for build in [Builds.one, Builds.two] {
                _ = try await scene.rig.journal.add(
                    BuildRecord(digest: build, name: "shop", size: 1, addedAt: Timestamp(milliseconds: 1)))
            }
            try await scene.sign()
            try await scene.rig.journal.set(
                StageRecord(
                    stage: "production", current: Builds.one, updatedAt: Timestamp(milliseconds: 3)))
            #expect(try await scene.rollOut().outcome == .succeeded)
            guard case .ended(let state) = try await scene.rig.session.goBack() else {
                Issue.record("there was something to go back")
                return
            }
            #expect(state.outcome == .succeeded && state.plan.build == Builds.one)
        }
    }
}
