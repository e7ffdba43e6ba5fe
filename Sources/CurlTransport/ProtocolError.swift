internal import CCurl
internal import CronCore

/// What arrived is not HTTP, or broken HTTP. Which way it is broken libcurl tells in its sentence only.
enum ProtocolError {
    static let headersTooLarge = failure(
        reason: ":headers_too_large", detail: "the response has more than 64 KiB of headers, trailers included")

    static let conflictingLengths = failure(
        reason: ":conflicting_content_length_headers",
        detail: "the response has two Content-Length headers that differ (RFC 9112, section 6.3)")

    static func failure(of outcome: CurlOutcome) -> Failure {
        let isHTTP2 =
            outcome.code == HTTPCRON_CURLE_HTTP2 || outcome.code == HTTPCRON_CURLE_HTTP2_STREAM
        return failure(
            reason: isHTTP2 ? ":protocol_error" : reason(of: outcome),
            detail: outcome.sentence, isHTTP2: isHTTP2)
    }

    /// Whether libcurl's sentence about a failed receive speaks of what was received.
    static func isMalformed(_ text: String) -> Bool {
        malformed.contains { text.contains($0.words) }
    }

    private struct Words {
        let words: String
        let reason: String
    }

    /// What libcurl says, 7.76 to 8.x, and the reason that Mint would give.
    private static let malformed = [
        Words(words: "chunk", reason: ":invalid_chunk_size"),
        Words(words: "Chunk", reason: ":invalid_chunk_size"),
        Words(words: "hunked", reason: ":invalid_chunk_size"),
        Words(words: "Content-Length", reason: ":invalid_content_length_header"),
        Words(words: "Nul byte in header", reason: ":invalid_header"),
        Words(words: "header", reason: ":invalid_header"),
    ]

    private static func reason(of outcome: CurlOutcome) -> String {
        malformed.first { outcome.text.contains($0.words) }?.reason ?? ":invalid_status_line"
    }

    private static func failure(reason: String, detail: String, isHTTP2: Bool = false) -> Failure {
        Failure(
            code: "http_protocol",
            error: "%Mint.HTTPError{reason: \(reason), module: Mint.HTTP\(isHTTP2 ? 2 : 1)}", detail: detail,
            requestMayHaveLeft: true)
    }
}
