import Fleet
import Foundation

/// The root file system under every host's own: a Debian with systemd, sshd and sudo, built once for all
/// labs.
struct BaseImage: Sendable, Equatable {
    /// Where images and the package cache are kept.
    static let store = "/var/lib/drover/lab"

    var release: LabRelease
    /// Package sources as `apt` writes them in one line each; empty means those mmdebstrap knows.
    var sources: [String]
    /// Settings of this machine's apt that decide whether a mirror is believed.
    var aptSettings: [String]
    /// Which week it is: packages that security updates have replaced are gone from the mirrors soon.
    var week: Int

    private static let packages = [
        "ca-certificates", "dbus", "iproute2", "iputils-ping", "netbase", "openssh-server", "perl-base", "procps",
        "sudo", "systemd", "systemd-sysv",
    ]

    /// Units that would only make a boot longer; the network is set up from outside.
    private static let masked = [
        "apt-daily.timer", "apt-daily-upgrade.timer", "console-getty.service", "dev-hugepages.mount",
        "e2scrub_all.timer", "e2scrub_reap.service", "getty@.service", "getty.target",
        "systemd-networkd-wait-online.service",
        "systemd-resolved.service", "systemd-timesyncd.service",
    ]

    /// The image of `release` that this machine's apt settings ask for this week.
    static func current(_ release: LabRelease) async throws(LabError) -> BaseImage {
        let targets = try await Tool(
            "apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)",
            "Created-By: Packages"
        ).attempt()
        let settings = try await Tool("apt-config", "dump", "Acquire::Check-Valid-Until").attempt()
        let dates = try await Tool("apt-config", "dump", "Acquire::Check-Date").attempt()
        return BaseImage(
            release: release, sources: sources(of: release, in: targets ?? ""),
            aptSettings: lines((settings ?? "") + (dates ?? "")),
            week: Int(Date().timeIntervalSince1970) / (7 * 86400))
    }

    /// Debian's own sources of `release` among the lines of `apt-get indextargets`: where there are none, those of another
    /// release, for the same mirrors have this one too.
    static func sources(of release: LabRelease, in targets: String) -> [String] {
        let others = LabRelease.allCases.filter { $0 != release }
        let found = ([release] + others).lazy.map { sources(of: release, named: $0.suite, in: targets) }
        return found.first { !$0.isEmpty } ?? []
    }

    private static func sources(of release: LabRelease, named suite: String, in targets: String) -> [String] {
        let suites = ["", "-updates", "-security"].map { suite + $0 }
        var found: [String] = []
        for line in lines(targets) {
            let words = line.split(separator: " ").map(String.init)
            // Where apt has no lists yet it does not know the origin, and shows the word unexpanded.
            guard words.count >= 3, suites.contains(words[1]), words[2] == "main" else { continue }
            guard words.count == 3 || words[3] == "Debian" || words[3].hasPrefix("$(") else { continue }
            found.append("deb \(words[0]) \(release.suite + words[1].dropFirst(suite.count)) main")
        }
        return Array(Set(found)).sorted()
    }

    private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    /// Where this image is kept: another recipe is another folder.
    var folder: String {
        let recipe =
            ([release.suite] + sources + aptSettings + Self.packages + Self.masked + ["week \(week)", Self.script])
            .joined(separator: "\n")
        return "\(Self.store)/base-\(Hex.text(FNVHash.long(recipe.utf8), digits: 1))"
    }

    /// Whether the image is built.
    var exists: Bool { FileManager.default.fileExists(atPath: folder) }

    /// Builds the image unless another does or did; a killed controller does not stop the build.
    func build() async throws(LabError) {
        let build = Tool.script(
            Self.script,
            [folder, sources.joined(separator: "\n"), (Self.settings + aptSettings).joined(separator: "\n")]
                + [Self.packages.joined(separator: ","), Self.masked.joined(separator: " "), release.suite])
        try await Tool(["flock", "\(Self.store)/\(release.suite).lock"] + build.words).run()
    }

    private static let settings = [
        #"Acquire::Languages "none";"#, #"Acquire::Retries "3";"#, #"APT::Install-Recommends "true";"#,
    ]

    private static let script = #"""
        target=$1 sources=$2 settings=$3 packages=$4 masked=$5 release=$6
        [ ! -d "$target" ] || exit 0
        store=${target%/*} new=$target.new
        # A TMPDIR of this machine is none in the image.
        inside() { TMPDIR=/tmp chroot "$new" "$@" >"$new.log" 2>&1 || { tail -n 3 "$new.log" >&2; exit 1; }; }
        rm -rf --one-file-system "$new"
        {
            mmdebstrap --quiet --mode=root --variant=minbase --skip=cleanup/apt/lists --include="$packages" \
                --aptopt="$settings" --dpkgopt=force-unsafe-io "$release" "$new" ${sources:+-} <<END
        $sources
        END
        } >"$new.log" 2>&1 || { tail -n 3 "$new.log" >&2; exit 1; }
        if ls /usr/local/share/ca-certificates/*.crt >/dev/null 2>&1; then
            cp /usr/local/share/ca-certificates/*.crt "$new/usr/local/share/ca-certificates/"
            inside update-ca-certificates
        fi
        rm -f "$new"/etc/ssh/ssh_host_* "$new/etc/hostname" "$new/etc/resolv.conf"
        : > "$new/etc/machine-id"
        rm -f "$new/var/lib/dbus/machine-id"
        ln -s /etc/machine-id "$new/var/lib/dbus/machine-id"
        echo 'LANG=C.UTF-8' > "$new/etc/default/locale"
        for unit in $masked; do ln -sf /dev/null "$new/etc/systemd/system/$unit"; done
        inside apt-cache gencaches
        rm -f "$new.log"
        mv -T "$new" "$target"
        for old in $(find "$store" -maxdepth 1 -name 'base-*' -mtime +14); do
            [ "$old" = "$target" ] || grep -q "lowerdir=$old," /proc/mounts || rm -rf --one-file-system "$old"
        done
        """#
}
