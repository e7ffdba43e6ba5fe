extension Note {
    /// All fields, on one line, without a newline behind it.
    package func appendJSON(to output: inout [UInt8]) {
        JSONWriter.literal("{\"kind\":\"note\",\"job\":", to: &output)
        JSONWriter.string(header.job.text, to: &output)
        JSONWriter.literal(",\"reason\":", to: &output)
        JSONWriter.string(reason.words, to: &output)
        JSONWriter.literal(",\"count\":", to: &output)
        JSONWriter.integer(count, to: &output)
        JSONWriter.literal(",\"first_scheduled_at\":", to: &output)
        JSONWriter.seconds(first, to: &output)
        JSONWriter.literal(",\"last_scheduled_at\":", to: &output)
        JSONWriter.seconds(last, to: &output)
        JSONWriter.literal(",\"run_id\":", to: &output)
        JSONWriter.optional(run, to: &output) { JSONWriter.uuid($0.value, to: &$1) }
        JSONWriter.literal(",\"detail\":", to: &output)
        JSONWriter.textOrNull(detail, to: &output)
        JSONWriter.literal(",\"recorded_at\":", to: &output)
        JSONWriter.microseconds(header.recordedAt, to: &output)
        JSONWriter.literal(",\"seq\":", to: &output)
        JSONWriter.integer(header.sequence, to: &output)
        output.append(UInt8(ascii: "}"))
    }
}
