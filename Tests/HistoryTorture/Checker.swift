import CronCore
import History

/// What the strictest of the readers has to say of a history.
enum Checker {
    /// Whether it must notice what no other reader looks at.
    static let isStrict = false

    /// `reading`: what the others had to say.
    static func findings(_ disk: MemoryDisk, _ reading: Reading) -> [Damage] {
        reading.damage
    }
}
