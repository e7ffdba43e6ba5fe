internal import CronCore

/// One JSON object on a line of its own, field by field in the order added.
struct JSONLine {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    mutating func add(_ name: StaticString, _ value: String?) {
        key(name)
        if let value { JSONWriter.string(value, to: &bytes) } else { JSONWriter.null(to: &bytes) }
    }

    mutating func add(_ name: StaticString, _ value: Int?) {
        key(name)
        if let value { JSONWriter.integer(value, to: &bytes) } else { JSONWriter.null(to: &bytes) }
    }

    mutating func add(_ name: StaticString, _ value: Bool) {
        key(name)
        JSONWriter.boolean(value, to: &bytes)
    }

    /// ISO 8601 in UTC, with as many digits as the moment has.
    mutating func add(_ name: StaticString, _ value: Timestamp?) {
        key(name)
        guard let value else {
            JSONWriter.null(to: &bytes)
            return
        }
        let isWhole = Timestamp(seconds: value.seconds) == value
        bytes.append(UInt8(ascii: "\""))
        if isWhole { value.writeISO8601(into: &bytes) } else { value.writeISO8601Microseconds(into: &bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func add(_ name: StaticString, _ values: [String]) {
        key(name)
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONWriter.string(value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    func write(to output: Output) {
        output.write { buffer in
            buffer += bytes
            JSONWriter.literal("}\n", to: &buffer)
        }
    }

    /// Keys are words of the program: nothing in them needs an escape.
    private mutating func key(_ name: StaticString) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        JSONWriter.literal(name, to: &bytes)
        JSONWriter.literal("\":", to: &bytes)
    }
}
