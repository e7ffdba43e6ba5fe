/// Why a verb could not answer, in words for the operator; exit status 1.
struct ToolError: Error, Equatable {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
