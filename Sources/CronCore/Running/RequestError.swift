/// Why a request could not be made from its job. Names what is wrong, never what a secret holds.
package struct RequestError: Error, Hashable, Sendable {
    /// In the form of the record's `error`: an atom, or a tuple of one and a name.
    package var reason: String
    /// In words, with what to do.
    package var detail: String

    package init(reason: String, detail: String) {
        self.reason = reason
        self.detail = detail
    }

    /// `%Httpcron.RequestError{reason: …}`, for the record.
    package var failure: Failure {
        Failure(
            code: "request_invalid", error: "%Httpcron.RequestError{reason: \(reason)}", detail: detail,
            requestMayHaveLeft: false)
    }

    package static func credentialMissing(_ name: String, detail: String) -> RequestError {
        RequestError(reason: "{:credential_missing, \"\(name)\"}", detail: detail)
    }

    package static func credentialUnreadable(_ name: String, detail: String) -> RequestError {
        RequestError(reason: "{:credential_unreadable, \"\(name)\"}", detail: detail)
    }

    package static func bodyFileUnreadable(detail: String) -> RequestError {
        RequestError(reason: ":body_file_unreadable", detail: detail)
    }

    static func controlCharacter(in place: String) -> RequestError {
        RequestError(
            reason: ":control_character",
            detail: "what \(place) comes to holds a control character, perhaps a line end; it was not sent")
    }

    static func notText(_ place: String) -> RequestError {
        RequestError(reason: ":not_utf8", detail: "what \(place) comes to is not UTF-8; it was not sent")
    }
}
