internal import CronCore
internal import Synchronization

/// A segment that is being written, as the writer and the syncer share it: the writer moves `written`, the syncer
/// `durable`, and whoever sees a failure first abandons it, after which neither moves.
final class LiveSegment: Sendable {
    struct Mark: Equatable {
        var batch: UInt32 = 0
        var sequence: SequenceNumber = 0
    }

    struct State {
        var written = Mark()
        var durable = Mark()
        /// It has its final name.
        var isNamed = false
        /// And the disk has it too.
        var isActivated = false
        var isAbandoned = false
    }

    let id: UInt64
    let file: any StorageFile
    /// What it is called until it has its name.
    let temporaryName: SegmentName
    private let state = Mutex(State())

    init(id: UInt64, file: any StorageFile, temporaryName: SegmentName) {
        self.id = id
        self.file = file
        self.temporaryName = temporaryName
    }

    var marks: State { state.withLock { $0 } }

    func wrote(_ batch: UInt32, through sequence: SequenceNumber) {
        state.withLock { $0.written = Mark(batch: batch, sequence: sequence) }
    }

    /// What was written before `mark` is on the disk. false: too late, the segment was abandoned meanwhile.
    func synced(_ mark: Mark) -> Bool {
        state.withLock { state in
            if !state.isAbandoned { state.durable = mark }
            return !state.isAbandoned
        }
    }

    /// Gives the segment its name by way of `rename`, unless it was abandoned: false. `hasName`: asked when that failed,
    /// since a rename may have happened all the same, and the id is then taken.
    func name(
        by rename: () throws(SystemError) -> Void, hasName: () -> Bool = { false }
    ) throws(SystemError) -> Bool {
        let result: Result<Bool, SystemError> = state.withLock { state in
            guard !state.isAbandoned else { return .success(false) }
            do throws(SystemError) {
                try rename()
            } catch {
                state.isNamed = hasName()
                return .failure(error)
            }
            state.isNamed = true
            return .success(true)
        }
        return try result.get()
    }

    /// Its name is on the disk. false: too late, the segment was abandoned meanwhile.
    func activated() -> Bool {
        state.withLock { state in
            if !state.isAbandoned { state.isActivated = true }
            return !state.isAbandoned
        }
    }

    /// Nothing moves from here on. Gives how the segment stood.
    @discardableResult
    func abandon() -> State {
        state.withLock { state in
            state.isAbandoned = true
            return state
        }
    }
}
