import Fleet

/// How a build is made on a host of one that it keeps and what differs, and in which form archives are kept.
extension ReleaseScript {
    /// Prints what a build could be made of: `delta=` (`ready`, `old` or `absent`, of the host's zstd), `memory=` in KiB, and
    /// `base=DIGEST` for each build whose archive is kept, the current release's first.
    var deltaGround: String {
        """
        if ! command -v zstd >/dev/null; then echo delta=absent
        elif zstd -H 2>&1 | grep -q -e --patch-from; then echo delta=ready
        else echo delta=old; fi
        sed -n 's/^MemAvailable: *\\([0-9]*\\) kB$/memory=\\1/p' /proc/meminfo 2>/dev/null || true
        base=$(sed -n 1p "$root/current/.drover-release" 2>/dev/null || true)
        if [ -n "$base" ] && kept "$base" >/dev/null; then echo "base=$base"; fi
        ls -1t "$root"/releases/\(ReleaseLayout.archivePrefix)* 2>/dev/null | head -n 4 | while IFS= read -r archive; do
          printf 'base=%.64s\\n' "${archive##*/\(ReleaseLayout.archivePrefix)}"
        done
        """
    }

    /// Makes the tar of a build of `base` and what was uploaded of the difference, in place of an upload of the whole.
    ///
    /// Whatever goes wrong leaves nothing behind, and the whole can be sent.
    /// - Parameter memory: How many MiB zstd may use.
    func patch(_ build: BuildDigest, into tar: TarDigest, from base: BuildDigest, memory: Int) -> String {
        """
        \(fence)
        umask 077
        delta=\(RemoteCommand.quote(layout.incomingDelta(build))); making="$root/releases/.unpack-\(build.release).delta"
        give() { rm -rf "$making" "$delta"; printf '%.300s\\n' "$1"; exit \(Status.unpatched); }
        rm -rf "$making"; mkdir "$making" || give "no folder for it can be made"
        base=$(kept \(base.file)) || give "the archive of build \(base.release) is gone"
        plain "$base" >"$making/base" 2>"$making/said" || give "$(tail -n 1 "$making/said")"
        zstd -q -d --memory=\(memory)MB --patch-from="$making/base" "$delta" -o "$making/tar" 2>"$making/said" \
        || give "$(tail -n 1 "$making/said")"
        rm -f "$making/base"
        found=$(sha256sum "$making/tar")
        if [ "${found%% *}" != \(tar) ]; then give "something else came of it"; fi
        mv -fT "$making/tar" \(RemoteCommand.quote(layout.incoming(build)))
        rm -rf "$making" "$delta"
        """
    }

    // MARK: what is unpacked

    /// Sets `incoming` to what arrived, and `wanted` to the SHA-256 that it, or the tar within, has to have.
    func arrived(_ stored: StoredBuild) -> String {
        let wanted = stored.isRepacked ? stored.tar?.description : nil
        return
            "incoming=\(RemoteCommand.quote(layout.incoming(stored.digest))); wanted=\(wanted ?? stored.digest.file.description)"
    }

    /// The same of what the host kept, whose name says the tar's where it is that.
    func whatIsKept(of build: BuildDigest) -> String {
        """
        incoming=$(kept \(build.file)) || exit \(Status.missing)
        wanted=\(build.file)
        case $incoming in *.tar-*) wanted=${incoming##*.tar-};; esac
        """
    }

    /// Keeps what was unpacked beside the release: a build's file as it is, its tar packed anew where the host can.
    func keeping(_ stored: StoredBuild, _ build: BuildDigest) -> String {
        guard stored.isRepacked, let tar = stored.tar else {
            return #"mv -fT "$incoming" \#(RemoteCommand.quote(layout.archive(build)))"#
        }
        let place = RemoteCommand.quote(layout.tarArchive(build, tar))
        guard stored.kind == .plain else { return #"mv -fT "$incoming" \#(place)"# }
        return """
            if nice -n 10 zstd -q -3 -f "$incoming" -o "$root/releases/.incoming-packed" 2>/dev/null; then
              mv -fT "$root/releases/.incoming-packed" \(place)
            else
              mv -fT "$incoming" \(place)
            fi
            """
    }
}
