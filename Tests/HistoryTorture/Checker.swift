import CronCore
import History

/// What the strictest of the readers, the one of `httpcron verify`, has to say of a history.
enum Checker {
    static func findings(_ disk: MemoryDisk) -> [Damage] {
        do throws(HistoryError) {
            return try HistoryVerifier.run(disk, pause: {}).findings
        } catch {
            return []
        }
    }
}
