/// An execution as JSON. The keys and their order are a promise: the hosted service's nine first, then ours.
extension Execution {
    /// The object of the hosted service's documents, with exactly its nine fields, on one line.
    package func appendKrafterJSON(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        appendKrafterFields(to: &output, style: .compact)
        output.append(UInt8(ascii: "}"))
    }

    /// All fields, on one line, without a newline behind it. Spans are microseconds where the key says `_us`.
    package func appendJSON(to output: inout [UInt8]) {
        JSONWriter.literal("{\"kind\":\"execution\",", to: &output)
        appendKrafterFields(to: &output, style: .compact)
        JSONWriter.literal(",\"job\":", to: &output)
        JSONWriter.string(header.job.text, to: &output)
        JSONWriter.literal(",\"run_id\":", to: &output)
        JSONWriter.uuid(run.id.value, to: &output)
        JSONWriter.literal(",\"scheduled_at\":", to: &output)
        JSONWriter.seconds(run.scheduledAt, to: &output)
        JSONWriter.literal(",\"trigger\":\"", to: &output)
        output.append(contentsOf: run.trigger.word.utf8)
        JSONWriter.literal("\",\"cause\":", to: &output)
        appendCause(to: &output)
        JSONWriter.literal(",\"error_code\":", to: &output)
        JSONWriter.optional(response.failure?.code, to: &output) { JSONWriter.string($0, to: &$1) }
        JSONWriter.literal(",\"max_attempts\":", to: &output)
        JSONWriter.integer(maxAttempts, to: &output)
        JSONWriter.literal(",\"next_attempt_at\":", to: &output)
        JSONWriter.optional(nextAttemptAt, to: &output) { JSONWriter.microseconds($0, to: &$1) }
        appendResponseFields(to: &output)
        JSONWriter.literal(",\"started_at_us\":", to: &output)
        JSONWriter.microseconds(startedAt, to: &output)
        JSONWriter.literal(",\"finished_at_us\":", to: &output)
        JSONWriter.microseconds(finishedAt, to: &output)
        JSONWriter.literal(",\"duration_us\":", to: &output)
        JSONWriter.integer(duration.microseconds, to: &output)
        JSONWriter.literal(",\"seq\":", to: &output)
        JSONWriter.integer(header.sequence, to: &output)
        output.append(UInt8(ascii: "}"))
    }

    /// What triggered the run, or null.
    private func appendCause(to output: inout [UInt8]) {
        guard let cause = run.cause else { return JSONWriter.null(to: &output) }
        JSONWriter.literal("{\"job\":", to: &output)
        JSONWriter.string(cause.job.text, to: &output)
        JSONWriter.literal(",\"execution\":", to: &output)
        JSONWriter.uuid(cause.execution.value, to: &output)
        output.append(UInt8(ascii: "}"))
    }

    private func appendResponseFields(to output: inout [UInt8]) {
        JSONWriter.literal(",\"response_bytes\":", to: &output)
        JSONWriter.integer(response.byteCount, to: &output)
        JSONWriter.literal(",\"response_truncated\":", to: &output)
        JSONWriter.boolean(response.bodyTruncated, to: &output)
        let timings = response.timings
        JSONWriter.literal(",\"timings\":{\"dns\":", to: &output)
        JSONWriter.span(timings.dns, to: &output)
        JSONWriter.literal(",\"connect\":", to: &output)
        JSONWriter.span(timings.connect, to: &output)
        JSONWriter.literal(",\"tls\":", to: &output)
        JSONWriter.span(timings.tls, to: &output)
        JSONWriter.literal(",\"first_byte\":", to: &output)
        JSONWriter.span(timings.firstByte, to: &output)
        JSONWriter.literal(",\"total\":", to: &output)
        JSONWriter.span(timings.total, to: &output)
        JSONWriter.literal("},\"remote_address\":", to: &output)
        JSONWriter.textOrNull(response.remoteAddress, to: &output)
        JSONWriter.literal(",\"http_version\":", to: &output)
        JSONWriter.textOrNull(response.httpVersion, to: &output)
    }

    /// The nine fields, without the braces.
    func appendKrafterFields(to output: inout [UInt8], style: KrafterDocument.Style) {
        style.key("\"id\":", isFirst: true, to: &output)
        JSONWriter.uuid(id.value, to: &output)
        style.key("\"status\":", to: &output)
        JSONWriter.literal(succeeded ? "\"success\"" : "\"failed\"", to: &output)
        style.key("\"http_status\":", to: &output)
        JSONWriter.optional(response.httpStatus, to: &output) { JSONWriter.integer($0, to: &$1) }
        style.key("\"response_body\":", to: &output)
        JSONWriter.optional(response.body, to: &output) { body, output in
            JSONWriter.string(body, to: &output, suffix: response.bodyTruncated ? ResponseBody.suffix : "")
        }
        style.key("\"error\":", to: &output)
        JSONWriter.optional(response.failure?.error, to: &output) { JSONWriter.string($0, to: &$1) }
        style.key("\"attempt\":", to: &output)
        JSONWriter.integer(attempt, to: &output)
        style.key("\"duration_ms\":", to: &output)
        JSONWriter.integer(duration.microseconds / 1_000, to: &output)
        style.key("\"started_at\":", to: &output)
        JSONWriter.seconds(startedAt, to: &output)
        style.key("\"finished_at\":", to: &output)
        JSONWriter.seconds(finishedAt, to: &output)
    }
}

extension JSONWriter {
    static func uuid(_ value: UUID, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        value.write(into: &output)
        output.append(UInt8(ascii: "\""))
    }

    /// To the second, as the hosted service writes moments.
    package static func seconds(_ moment: Timestamp, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        moment.writeISO8601(into: &output)
        output.append(UInt8(ascii: "\""))
    }

    static func microseconds(_ moment: Timestamp, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        moment.writeISO8601Microseconds(into: &output)
        output.append(UInt8(ascii: "\""))
    }

    /// In microseconds, or null.
    static func span(_ span: TimeSpan?, to output: inout [UInt8]) {
        if let span { integer(span.microseconds, to: &output) } else { null(to: &output) }
    }

    static func textOrNull(_ text: String, to output: inout [UInt8]) {
        if text.isEmpty { null(to: &output) } else { string(text, to: &output) }
    }

    package static func optional<Value>(
        _ value: Value?, to output: inout [UInt8], _ write: (Value, inout [UInt8]) -> Void
    ) {
        if let value { write(value, &output) } else { null(to: &output) }
    }

    /// `[…]`, each element as `write` puts it.
    package static func array<Element, Failure: Error>(
        _ elements: some Sequence<Element>, to output: inout [UInt8],
        _ write: (Element, inout [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        output.append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            try write(element, &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}
