import Foundation
import Sampling

/// What a row of a report is about.
enum SarItem: Sendable {
    case whole(Sample)
    case disk(DiskSample)
    case device(DeviceSample)
}

/// A column of one of `sar`'s reports.
struct SarColumn: Sendable {
    let title: String
    /// Which is left out first where there is no room for all; 0 stays always.
    let spare: Int
    /// Whether it is a whole number.
    let isCount: Bool
    /// The figure; `nil` where it is not known.
    let value: @Sendable (SarItem) -> Double?

    private init(
        _ title: String, _ spare: Int, isCount: Bool = false, value: @escaping @Sendable (SarItem) -> Double?
    ) {
        (self.title, self.spare, self.isCount, self.value) = (title, spare, isCount, value)
    }

    /// As `sar` writes it: two digits behind the point, or none; `-` for what is not known.
    func text(_ item: SarItem) -> String {
        guard let figure = value(item), figure.isFinite else { return "-" }
        return String(format: isCount ? "%.0f" : "%.2f", isCount ? figure.rounded() : figure)
    }

    /// A share or a rate, with a fraction.
    static func rate(_ title: String, _ metric: Metric, spare: Int = 0) -> Self {
        figure(title, spare: spare) { $0[metric] }
    }

    /// A whole number.
    static func count(_ title: String, _ metric: Metric, spare: Int = 0) -> Self {
        whole(title, spare: spare) { $0[metric] }
    }

    /// A figure that is worked out of others, with a fraction.
    static func figure(_ title: String, spare: Int = 0, _ figure: @escaping @Sendable (Sample) -> Double?) -> Self {
        Self(title, spare) { item in if case .whole(let sample) = item { figure(sample) } else { nil } }
    }

    /// A figure that is worked out of others, as a whole number.
    static func whole(_ title: String, spare: Int = 0, _ figure: @escaping @Sendable (Sample) -> Double?) -> Self {
        Self(title, spare, isCount: true) { item in if case .whole(let sample) = item { figure(sample) } else { nil } }
    }

    /// How many percent of one figure another is.
    static func share(_ title: String, of part: Metric, in whole: Metric) -> Self {
        figure(title) { share($0[part], $0[whole]) }
    }

    /// A figure of `sar` that is not sampled: it keeps its place.
    static func unknown(_ title: String, spare: Int = 0) -> Self { Self(title, spare) { _ in nil } }

    /// A disk's figure.
    static func disk(_ title: String, _ figure: @escaping @Sendable (DiskSample) -> Double, spare: Int = 0) -> Self {
        Self(title, spare) { item in if case .disk(let disk) = item { figure(disk) } else { nil } }
    }

    /// A network device's figure.
    static func device(_ title: String, _ figure: @escaping @Sendable (DeviceSample) -> Double) -> Self {
        Self(title, 0) { item in if case .device(let device) = item { figure(device) } else { nil } }
    }

    /// `part` of `whole` in percent; 0 of nothing, as `sar` has it.
    static func share(_ part: Double?, _ whole: Double?) -> Double? {
        guard let part, let whole else { return nil }
        return whole > 0 ? part / whole * 100 : 0
    }
}

extension Sample {
    /// KiB of swap that is in use.
    var swapUsed: Double? {
        guard let total = self[.swapTotal], let free = self[.swapFree] else { return nil }
        return max(0, total - free)
    }
}
