import Fleet

/// The shell scripts that a shared store of builds is asked and changed by, on the machine that has its folder. Pure: words in,
/// one `sh` script out; what is written comes on standard input.
///
/// Whatever appears under its name is whole and on the disk: it was written under another one, and renamed.
struct SharedBuildsScript: Sendable {
    /// Exit statuses with a meaning of their own.
    enum Status {
        /// The folder that people named is not there.
        static let away: Int32 = 111
        /// Something could not be written or removed; standard error says why.
        static let refused: Int32 = 112
        /// There is no such build.
        static let missing: Int32 = 119
    }

    /// The folder that people named. It is never made: where its file system is not mounted, another disk would be filled.
    let base: String
    /// Name of the service: others may have the same store.
    let service: String

    /// The service's builds.
    var folder: String { "\(base)/\(service)" }

    /// Where a build's archive lies.
    func path(of digest: BuildDigest) -> String { "\(folder)/\(digest)" }

    // MARK: asking

    /// Prints a `build=DIGEST SIZE TIME` line for each build, each record behind its file's name, and what stages run.
    var index: String {
        """
        \(names)
        if [ ! -d "$folder" ]; then exit 0; fi
        cd "$folder" || exit \(Status.refused)
        find . -maxdepth 1 -type f -name '[0-9a-f]*' ! -name '*.json' -printf 'build=%f %s %Ts\\n'
        find . -maxdepth 1 -type f -name '[0-9a-f]*.json' -exec grep -H '' {} + || true
        if [ -d stages ]; then find stages -maxdepth 1 -type f -name '*.json' -exec grep -H '' {} + || true; fi
        """
    }

    /// Prints the size of a build that is about to be copied. Nobody removes it for a while.
    func open(_ digest: BuildDigest) -> String {
        """
        \(names)
        file="$folder/\(digest)"
        if [ ! -f "$file" ]; then exit \(Status.missing); fi
        touch -c "$file" 2>/dev/null || true
        stat -c %s "$file"
        """
    }

    // MARK: adding

    /// Prints `record=` with what is known of the build there, and `present` where it lies there whole, else `space=` in KiB and
    /// `absent`. Takes away what was left a day ago by those who never came to their end.
    func prepare(_ digest: BuildDigest) -> String {
        """
        \(names)
        room "$folder"
        file="$folder/\(digest)"
        if [ -s "$file.json" ]; then printf 'record=%s\\n' "$(cat "$file.json")"; fi
        if [ -f "$file" ]; then
          found=$(sha256sum "$file") || fail
          if [ "${found%% *}" = \(digest) ]; then touch -c "$file" 2>/dev/null || true; echo present; exit 0; fi
        fi
        find "$folder" -maxdepth 1 -type f \\( -name '.new-*' -o -name '.[0-9a-f]*.drover*' \\) -mmin +1440 \
        -exec rm -f {} + 2>/dev/null || true
        space=$(df -k --output=avail "$folder" | tail -n 1)
        printf 'space=%s\\nabsent\\n' "$space"
        """
    }

    /// Writes what is read as a build's record.
    func record(_ digest: BuildDigest) -> String {
        """
        \(names)
        keep "$folder" \(digest).json
        """
    }

    /// Puts a build that was uploaded on the disk under its name.
    var settle: String {
        """
        \(names)
        sync "$folder" || fail
        """
    }

    /// Writes what is read as what a stage runs.
    func note(_ stage: String) -> String {
        """
        \(names)
        room "$folder"
        room "$folder/stages"
        keep "$folder/stages" \(RemoteCommand.quote(stage)).json
        """
    }

    // MARK: removing

    /// Prints `removed DIGEST SIZE` for each build that was there.
    /// - Parameter minutes: Those that were added or taken within so many stay.
    func remove(_ digests: [BuildDigest], sparing minutes: Int) -> String {
        """
        \(names)
        for name in \(digests.map(\.description).joined(separator: " ")); do
          file="$folder/$name"
          if [ ! -f "$file" ]; then continue; fi
          if [ \(minutes) -gt 0 ] && [ -n "$(find "$file" -mmin -\(minutes))" ]; then continue; fi
          size=$(stat -c %s "$file")
          rm -f "$file" "$file.json" || fail
          echo "removed $name $size"
        done
        """
    }

    /// The names that scripts use, and how a folder is made and a file is written.
    private var names: String {
        """
        set -eu
        base=\(RemoteCommand.quote(base)); folder=\(RemoteCommand.quote(folder))
        if [ ! -d "$base" ]; then exit \(Status.away); fi
        fail() { exit \(Status.refused); }
        room() {
          if [ -d "$1" ]; then return 0; fi
          mkdir -p "$1" || fail
          chmod --reference="$base" "$1" 2>/dev/null || true
        }
        keep() {
          new=$(mktemp "$1/.new-XXXXXXXX") || fail
          if { cat && echo; } >"$new" && chmod 644 "$new" && sync "$new" && mv -fT "$new" "$1/$2"; then return 0; fi
          rm -f "$new"; fail
        }
        """
    }
}
