import Fleet

/// How long ago something was, in the words of somebody who has little time.
enum Age {
    /// `12 s ago`, `3 min ago`, `5 h ago`, `2 days ago`.
    static func words(_ time: Duration) -> String {
        let seconds = max(0, time.wholeMilliseconds / 1000)
        return switch seconds {
        case ..<90: "\(seconds) s ago"
        case ..<5400: "\(seconds / 60) min ago"
        case ..<129_600: "\(seconds / 3600) h ago"
        default: "\(seconds / 86400) days ago"
        }
    }
}
