internal import CronCore

/// Records as comma-separated values (RFC 4180): a heading, lines that end in CR LF, quotes where they are needed. The
/// columns are the fields of jsonl, but for `cause` and `duration_us`; what a kind of record does not have is empty.
struct CSV {
    /// For a terminal, control characters are escaped; in a file the text is as it was recorded.
    let isForTerminal: Bool

    static let columns = [
        "kind", "job", "id", "run_id", "trigger", "scheduled_at", "attempt", "max_attempts", "status", "http_status",
        "error", "error_code", "started_at", "finished_at", "duration_ms", "next_attempt_at", "response_bytes",
        "response_truncated", "dns_us", "connect_us", "tls_us", "first_byte_us", "total_us", "remote_address",
        "http_version", "response_body", "reason", "count", "first_scheduled_at", "last_scheduled_at", "detail",
        "recorded_at", "seq",
    ]

    func appendHeading(to output: inout [UInt8]) {
        appendLine(CSV.columns, to: &output)
    }

    func append(_ execution: Execution, to output: inout [UInt8]) {
        let header = execution.header
        let run = execution.run
        let response = execution.response
        let timings = response.timings
        appendLine(
            [
                "execution", header.job.text, execution.id.description, run.id.description, run.trigger.word,
                run.scheduledAt.iso8601, String(execution.attempt), String(execution.maxAttempts),
                execution.succeeded ? "success" : "failed", response.httpStatus.map(String.init),
                response.failure?.error, response.failure?.code, execution.startedAt.iso8601Microseconds,
                execution.finishedAt.iso8601Microseconds, String(execution.duration.microseconds / 1_000),
                execution.nextAttemptAt?.iso8601Microseconds, String(response.byteCount),
                response.bodyTruncated ? "true" : "false", microseconds(timings.dns), microseconds(timings.connect),
                microseconds(timings.tls), microseconds(timings.firstByte), microseconds(timings.total),
                response.remoteAddress, response.httpVersion, body(response), nil, nil, nil, nil, nil,
                header.recordedAt.iso8601Microseconds, String(header.sequence),
            ], to: &output)
    }

    func append(_ note: Note, to output: inout [UInt8]) {
        var fields: [String?] = ["note", note.header.job.text, nil, note.run?.description]
        fields += Array(repeating: nil, count: 22)
        fields += [
            note.reason.words, String(note.count), note.first.iso8601, note.last.iso8601, note.detail,
            note.header.recordedAt.iso8601Microseconds, String(note.header.sequence),
        ]
        appendLine(fields, to: &output)
    }

    private func appendLine(_ fields: [String?], to output: inout [UInt8]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            if let field { append(isForTerminal ? escapedForTerminal(field) : field, to: &output) }
        }
        output += [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
    }

    /// One field; byte by byte, because a quote that a combining mark follows is no `Character` of its own.
    private func append(_ field: String, to output: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let mustQuote = field.utf8.contains { byte in
            byte == quote || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
        }
        guard mustQuote else {
            output += field.utf8
            return
        }
        output.append(quote)
        for byte in field.utf8 {
            if byte == quote { output.append(quote) }
            output.append(byte)
        }
        output.append(quote)
    }

    private func microseconds(_ span: TimeSpan?) -> String? {
        span.map { String($0.microseconds) }
    }

    private func body(_ response: Response) -> String? {
        response.body.map {
            String(decoding: $0, as: UTF8.self) + (response.bodyTruncated ? "\(ResponseBody.suffix)" : "")
        }
    }
}
