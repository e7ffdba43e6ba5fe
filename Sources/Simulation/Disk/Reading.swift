internal import CronCore
internal import History

/// What somebody read of the whole history, as the tool does, without asking the daemon.
struct Reading: Sendable {
    var records: [Record] = []
    var damage: [Damage] = []
    /// Why it could not be opened.
    var failure: HistoryError?
    /// Some of it could not be read, or not at that time.
    var metTrouble = false

    init(of disk: VirtualDisk) {
        let before = disk.tally.errors[.read] ?? 0
        defer { metTrouble = disk.tally.errors[.read] ?? 0 > before }
        do throws(HistoryError) {
            read(try HistorySnapshot.open(disk))
        } catch {
            failure = error
        }
    }

    /// `snapshot`: opened some time ago; it may remember trouble that it had then.
    init(_ snapshot: HistorySnapshot, on disk: VirtualDisk) {
        read(snapshot)
        metTrouble = disk.tally.errors[.read] != nil
    }

    private mutating func read(_ snapshot: HistorySnapshot) {
        var cursor = snapshot.oldestFirst(jobs: nil)
        while let record = cursor.next() { records.append(record) }
        damage = snapshot.damage
    }
}
