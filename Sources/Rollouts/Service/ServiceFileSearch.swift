public import Fleet
import Foundation

/// Looks for `drover.yml` in a folder and in those that it lies in, as git looks for its repository.
public enum ServiceFileSearch {
    /// The path of the nearest one as seen from `folder`, such as `../drover.yml`; `nil` where there is none.
    ///
    /// A service's file names programs that are run. One above `folder` may be anybody's who can write there, so it counts only
    /// if it belongs to one of `owners`.
    ///
    /// - Parameter folder: An absolute path.
    /// - Throws: ``InputError`` when the nearest one above belongs to somebody else.
    public static func nearest(from folder: String, owners: Set<UInt32>) throws(InputError) -> String? {
        var here = URL(fileURLWithPath: folder, isDirectory: true).standardizedFileURL.path
        var path = ServiceFileReader.defaultName
        while true {
            if let owner = owner(
                of: here == "/" ? "/\(ServiceFileReader.defaultName)" : "\(here)/\(ServiceFileReader.defaultName)")
            {
                guard path == ServiceFileReader.defaultName || owners.contains(owner) else {
                    throw foreign(path, owner)
                }
                return path
            }
            guard here != "/" else { return nil }
            here = (here as NSString).deletingLastPathComponent
            path = "../" + path
        }
    }

    /// Whose file it is; `nil` where there is no file.
    private static func owner(of path: String) -> UInt32? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return status.st_uid
    }

    private static func foreign(_ path: String, _ owner: UInt32) -> InputError {
        InputError(
            "the file belongs to another user (number \(owner)), and may name programs that would be run",
            at: SourceLocation(file: path),
            hints: ["if it is yours to trust, name it: --service \(path); or go to its folder"])
    }
}
