/// The runs that have not ended, in slots that are used again. A ``RunKey`` names a run only until it ends.
struct RunTable {
    private var runs: [RunState] = []
    private var free: [Int32] = []

    /// Runs that have not ended.
    var count: Int { runs.count - free.count }

    subscript(index: Int32) -> RunState {
        get { runs[Int(index)] }
        _modify { yield &runs[Int(index)] }
    }

    mutating func insert(_ run: RunState) -> Int32 {
        guard let index = free.popLast() else {
            runs.append(run)
            return Int32(truncatingIfNeeded: runs.count - 1)
        }
        let generation = runs[Int(index)].generation
        runs[Int(index)] = run
        runs[Int(index)].generation = generation
        return index
    }

    mutating func remove(_ index: Int32) {
        runs[Int(index)].end()
        free.append(index)
    }

    func key(of index: Int32) -> RunKey {
        RunKey(index: index, generation: runs[Int(index)].generation)
    }

    /// The run's index; nil if it has ended.
    func index(of key: RunKey) -> Int32? {
        guard key.index >= 0, Int(key.index) < runs.count, runs[Int(key.index)].generation == key.generation,
            runs[Int(key.index)].phase != .ended
        else { return nil }
        return key.index
    }
}
