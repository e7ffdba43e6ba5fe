/// When a job is due, as five fields: minute, hour, day of month, month, day of week (crontab(5) of Debian's cron, and
/// `L`, `LW`, `5#3`, `5L` besides).
package struct CronExpression: Hashable, Sendable, CustomStringConvertible {
    /// As it was written.
    package let text: String
    let minutes: CronField
    let hours: CronField
    let days: CronDays
    let months: CronField

    /// Whether the job keeps to elapsed time where the clocks change: its minute or hour field starts with `*`. Else
    /// it runs at fixed times, each of them once a day whatever the clocks do (cron(8) of Debian).
    package let followsElapsedTime: Bool

    init(
        text: String, minutes: CronField, hours: CronField, days: CronDays, months: CronField, followsElapsedTime: Bool
    ) {
        self.text = text
        self.minutes = minutes
        self.hours = hours
        self.days = days
        self.months = months
        self.followsElapsedTime = followsElapsedTime
    }

    package var description: String { text }
}
