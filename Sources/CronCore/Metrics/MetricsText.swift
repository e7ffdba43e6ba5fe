/// Writes the text format of Prometheus (exposition format 0.0.4): families with their help and type, each once, with all
/// of their samples.
package struct MetricsText {
    package private(set) var bytes: [UInt8] = []
    private var name: StaticString = ""

    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package init() {}

    package enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    package mutating func family(_ name: StaticString, _ kind: Kind, _ help: StaticString) {
        self.name = name
        JSONWriter.literal("# HELP ", to: &bytes)
        JSONWriter.literal(name, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        JSONWriter.literal(help, to: &bytes)
        JSONWriter.literal("\n# TYPE ", to: &bytes)
        JSONWriter.literal(name, to: &bytes)
        bytes += " \(kind.rawValue)\n".utf8
    }

    package mutating func sample(_ labels: [(StaticString, String)] = [], _ value: some BinaryInteger) {
        head("", labels, nil)
        JSONWriter.integer(value, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// In seconds since 1970; nothing for a moment that never was.
    package mutating func sample(_ labels: [(StaticString, String)] = [], _ moment: Timestamp?) {
        guard let moment else { return }
        head("", labels, nil)
        seconds(moment.microseconds)
        bytes.append(UInt8(ascii: "\n"))
    }

    package mutating func sample(_ labels: [(StaticString, String)], _ histogram: Histogram) {
        var total: UInt64 = 0
        for (bucket, count) in histogram.counts.enumerated() {
            total += count
            head("_bucket", labels, bucket < histogram.bounds.count ? histogram.bounds[bucket] : .max)
            JSONWriter.integer(total, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        head("_sum", labels, nil)
        seconds(histogram.sum.microseconds)
        bytes.append(UInt8(ascii: "\n"))
        head("_count", labels, nil)
        JSONWriter.integer(total, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The name, the labels, a blank. `bound`: of a bucket, in microseconds; `.max`: infinity.
    private mutating func head(_ suffix: StaticString, _ labels: [(StaticString, String)], _ bound: Int64?) {
        JSONWriter.literal(name, to: &bytes)
        JSONWriter.literal(suffix, to: &bytes)
        var separator = UInt8(ascii: "{")
        for (label, value) in labels {
            bytes.append(separator)
            JSONWriter.literal(label, to: &bytes)
            JSONWriter.literal("=\"", to: &bytes)
            escape(value)
            bytes.append(UInt8(ascii: "\""))
            separator = UInt8(ascii: ",")
        }
        if let bound {
            bytes.append(separator)
            JSONWriter.literal("le=\"", to: &bytes)
            if bound == .max { JSONWriter.literal("+Inf", to: &bytes) } else { seconds(bound) }
            bytes.append(UInt8(ascii: "\""))
            separator = UInt8(ascii: ",")
        }
        JSONWriter.literal(separator == UInt8(ascii: ",") ? "} " : " ", to: &bytes)
    }

    private mutating func escape(_ value: String) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): bytes += "\\n".utf8
            default: bytes.append(byte)
            }
        }
    }

    /// Microseconds as seconds, without zeros that say nothing.
    private mutating func seconds(_ microseconds: Int64) {
        JSONWriter.integer(microseconds / 1_000_000, to: &bytes)
        var rest = UInt64((microseconds % 1_000_000).magnitude)
        guard rest > 0 else { return }
        bytes.append(UInt8(ascii: "."))
        var unit: UInt64 = 100_000
        while rest > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / unit))
            rest %= unit
            unit /= 10
        }
    }
}
