import Foundation
import TestSupport
import Testing

/// The hosts of docs/first-service.md's container, once it has gone back: what else the role promises.
struct ContainerLab: Sendable {
    let starter: Starter

    /// A store of images of the test's own, in its folder.
    static let store = """
        printf '[storage]\\ndriver = "vfs"\\ngraphroot = "%s/images"\\nrunroot = "%s/images-run"\\n' "$PWD" "$PWD" >storage.conf
        export CONTAINERS_STORAGE_CONF="$PWD/storage.conf"

        """

    func holds() async throws {
        try await theProgramHasFewRights()
        try await imagesGoWithTheirReleases()
        if LongForm.isAsked {
            try await aPowerCutIsSurvived()
            try await aHostThatLeavesIsRetired()
        }
        try await anOlderPodmanIsRefused()
    }

    private func type(_ lines: String, status: Int32 = 0) async throws -> Transcript {
        let done = try await starter.type("cd hello\n" + lines)
        #expect(done.status == status, "\(lines)\n\(done.output.suffix(2000))\n\(done.errors.suffix(3000))")
        return done
    }

    private func onHost(_ command: String) async throws -> String {
        try await type("drover lab exec -i inventory/staging.yml ap1 -- sh -c '\(command)'").output
    }

    private func theProgramHasFewRights() async throws {
        let status = try await onHost("cat /proc/$(podman inspect -f {{.State.Pid}} hello)/status")
        #expect(status.contains("CapEff:\t0000000000000000") && status.contains("NoNewPrivs:\t1"), "\(status)")
        let mounts = try await onHost("cat /proc/$(podman inspect -f {{.State.Pid}} hello)/mounts")
        #expect(
            mounts.split(separator: "\n").contains { $0.hasPrefix("overlay / ") && $0.contains(" ro,") }, "\(mounts)")
        #expect(mounts.contains(" /shared "))
    }

    /// One image for each build that is there, and none for one whose release has gone.
    private func imagesGoWithTheirReleases() async throws {
        let images = "podman images --noheading localhost/hello | wc -l"
        #expect(try await onHost(images).contains("3"), "both builds, and the current one")
        let left = try await onHost(
            "cd /srv/hello/releases && for one in *; do [ $one = $(basename $(readlink ../current)) ] || rm -r $one; done; "
                + "systemctl restart hello && \(images)")
        #expect(left.contains("2"), "\(left)")
    }

    /// Right after a load, and in the middle of one, of which layers are left that have lost what was in them.
    private func aPowerCutIsSurvived() async throws {
        let answer = try await type(
            """
            drover lab exec -i inventory/staging.yml ap1 -- sh -c 'podman rmi -a -f >/dev/null; systemctl restart hello'
            drover lab off -i inventory/staging.yml ap1
            drover lab on -i inventory/staging.yml ap1
            drover lab exec -i inventory/staging.yml ap1 -- systemctl start hello
            curl -s --retry 9 --retry-connrefused http://\(starter.network).1.21:8080/
            """
        ).output
        #expect(answer.contains("Hello from ap1"), "\(answer)")
        let healed = try await onHost(
            """
            cd /var/lib/containers && touch hello.loading && systemctl stop hello && systemctl is-active hello
            for file in storage/overlay/*/diff/hello; do : >$file; done
            podman rmi localhost/hello:$(basename $(readlink /srv/hello/current) | cut -d- -f1) >/dev/null
            systemctl start hello && ls
            """)
        #expect(healed.hasPrefix("inactive") && !healed.contains("loading"), "\(healed)")
    }

    /// Nothing starts its unit until it is back in the inventory.
    private func aHostThatLeavesIsRetired() async throws {
        let state = "systemctl is-enabled hello; systemctl is-active hello"
        let gone = try await type(
            """
            cp inventory/staging.yml kept.yml
            sed -i '/^ *ap1: /d' inventory/staging.yml
            drover apply staging --allow-below
            cp kept.yml inventory/staging.yml
            drover lab exec -i inventory/staging.yml ap1 -- sh -c '\(state)' || true
            drover apply staging
            drover lab exec -i inventory/staging.yml ap1 -- sh -c '\(state)'
            """
        ).output
        #expect(gone.contains("masked") && gone.contains("inactive"), "\(gone)")
        #expect(gone.hasSuffix("generated\nactive\n"), "\(gone)")
    }

    private func anOlderPodmanIsRefused() async throws {
        let refused = try await type(
            """
            sed -i 's/^\\( *\\)ap2: .*/&\\n\\1ap3: {ansible_host: \(starter.network).1.23, lab_release: 12}/' inventory/staging.yml
            drover lab up -i inventory/staging.yml
            drover apply playbooks/site.yml -i inventory/staging.yml --limit ap3 2>&1 && exit 1
            drover lab exec -i inventory/staging.yml ap3 -- sh -c 'ls -d /srv/hello /usr/bin/podman' || true
            """)
        #expect(refused.output.contains("ap3 has podman 4.3"), "\(refused.output)")
        #expect(refused.output.contains("the service's unit needs 5.0 or newer: take a host of Debian 13"))
        #expect(!refused.output.contains("\n/srv/hello"), "nothing was changed")
    }
}
