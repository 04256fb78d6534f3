/// The version of Drover's programs: the controller and its agents tell each other theirs.
public enum ProgramVersion {
    /// As `--version` prints it.
    public static let text = "0.1.0"
}
