/// The script that takes one reading on a host without an agent.
public enum ReadingScript {
    /// For any POSIX shell and any user, in a machine and in a container; three short processes beside the shell.
    ///
    /// `grep` prints each line after its file's name, and passes over files that are not there; what is never used and
    /// long (a number for each interrupt) it leaves out. File systems of other machines are not asked: they may hang.
    public static let text = """
        LC_ALL=C; export LC_ALL
        grep -sv -e '^intr ' -e '^softirq ' \(CounterFiles.paths.joined(separator: " ")) /dev/null
        for d in /sys/block/*; do
            if [ -e "$d/device" ]; then echo "disks:real ${d##*/}"; else echo "disks:virtual ${d##*/}"; fi
        done
        tell() { while IFS= read -r line; do printf '%s:%s\\n' "$1" "$line"; done; }
        { df -P -k -l || df -P -k; } 2>/dev/null | tell df
        { df -P -i -l || df -P -i; } 2>/dev/null | tell df-inodes
        exit 0
        """
}
