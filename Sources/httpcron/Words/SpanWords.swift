internal import CronCore

extension TimeSpan {
    /// As systemd writes spans, its two largest units: `142ms`, `1.523s`, `2min 5s`, `3h 20min`, `2d 4h`.
    var words: String {
        if microseconds < 0 { return "-" + (TimeSpan.zero - self).words }
        let seconds = microseconds / 1_000_000
        switch microseconds {
        case 0: return "0"
        case ..<1_000: return "\(microseconds)us"
        case ..<1_000_000: return "\(microseconds / 1_000)ms"
        case ..<60_000_000: return decimalSeconds
        case ..<3_600_000_000: return pair(seconds, 60, "min", 1, "s")
        case ..<86_400_000_000: return pair(seconds, 3_600, "h", 60, "min")
        default: return pair(seconds, 86_400, "d", 3_600, "h")
        }
    }

    /// One unit, for what need not be exact: `in 4min`, `3d ago`.
    var roughWords: String {
        let seconds = abs(microseconds / 1_000_000)
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3_600: return "\(seconds / 60)min"
        case ..<172_800: return "\(seconds / 3_600)h"
        default: return "\(seconds / 86_400)d"
        }
    }

    private var decimalSeconds: String {
        let thousandths = microseconds / 1_000 % 1_000
        let whole = "\(microseconds / 1_000_000)"
        guard thousandths != 0 else { return whole + "s" }
        var fraction = thousandths.digits(3)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(whole).\(fraction)s"
    }

    private func pair(_ seconds: Int64, _ size: Int64, _ unit: String, _ small: Int64, _ smallUnit: String) -> String {
        let rest = seconds % size / small
        return "\(seconds / size)\(unit)" + (rest == 0 ? "" : " \(rest)\(smallUnit)")
    }
}
