/// Why a cron expression was refused.
package struct CronSyntaxError: Error, Hashable, Sendable {
    /// Where, if it is one field's fault.
    package let field: CronFieldKind?
    /// What was wrong, what is accepted and, for a near miss, what was probably meant.
    package let message: String

    init(_ message: String, in field: CronFieldKind? = nil) {
        self.field = field
        self.message = message
    }
}
