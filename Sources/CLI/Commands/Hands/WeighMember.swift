import ArgumentParser
import Rollouts

extension Drover {
    /// `drover weight HOST… WEIGHT`
    struct WeighMember: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "weight", abstract: "Give members another share of the requests.",
            discussion: """
                1 to 256; every member has 100 unless told otherwise, so that 50 is half of what the others get. It stays when \
                HAProxy starts anew. A member that is to get nothing is drained: drover drain.
                """
        )
        .examples("drover weight ap1 50 --stage production")

        @Argument(help: "Members: hosts, groups, or any Ansible pattern; then the weight.", completion: .hosts)
        var words: [String]
        @OptionGroup var hand: HandOptions
        @OptionGroup var unattended: UnattendedOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            guard words.count > 1 else { throw ValidationError("weight wants a member and its weight: ap1 50") }
            guard weight != nil else {
                throw ValidationError(
                    "a weight is a number from 1 to 256, or so many percent, not '\(words.last ?? "")'")
            }
        }

        /// 100 is what all have, so that percent are the number itself.
        private var weight: Int? {
            words.last.flatMap { Int($0.hasSuffix("%") ? $0.dropLast() : $0[...]) }.flatMap {
                (1...256).contains($0) ? $0 : nil
            }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            try await hand.perform(.weigh(weight ?? 100), on: words.dropLast(), nil, seams)
        }
    }
}
