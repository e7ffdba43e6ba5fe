internal import CronCore
internal import Glibc
internal import History
internal import Synchronization

// What goes wrong with a disk: operations that fail, a process that dies under one, and what a power cut leaves.

extension VirtualDisk {
    /// Counts an operation and says what becomes of it. `grows`: it needs room.
    func begin(_ operation: DiskOperation, grows: Bool = false) -> DiskVerdict {
        let reads = state.withLock { state in
            guard !state.isDown, let at = state.readingAt, state.tally.operations >= at else { return false }
            state.readingAt = nil
            return true
        }
        if reads {
            let reading = Reading(of: self)
            state.withLock { $0.readings.append(reading) }
        }
        return state.withLock { Self.judge(operation, grows: grows, &$0) }
    }

    private static func judge(_ operation: DiskOperation, grows: Bool, _ state: inout State) -> DiskVerdict {
        guard !state.isDown else { return DiskVerdict(outcome: .down, luck: 0) }
        state.tally.operations += 1
        let luck = state.luck.next()
        if luck & 15 == 0, !state.dirty.isEmpty {
            state.tally.writtenBack += 1
            state.dirty[Int.random(in: 0..<state.dirty.count, using: &state.luck)].writeBackSome(&state.luck)
        }
        if let death = state.death, death.at <= state.tally.operations {
            return DiskVerdict(outcome: .dies(quarters: Int(luck >> 8) & 0xff % 5), luck: luck)
        }
        if let trouble = takeTrouble(operation, &state) { return DiskVerdict(outcome: trouble, luck: luck) }
        switch state.mood {
        case .full(let code) where grows:
            state.tally.full += 1
            let isShort = operation == .write && luck & 16 == 0
            return DiskVerdict(outcome: isShort ? .short : .failed(code), luck: luck)
        case .readOnly:
            state.tally.readOnly += 1
            return DiskVerdict(outcome: .failed(EROFS), luck: luck)
        case .well, .full: return DiskVerdict(outcome: .done, luck: luck)
        }
    }

    private static func takeTrouble(_ operation: DiskOperation, _ state: inout State) -> DiskVerdict.Outcome? {
        guard let place = state.troubles.firstIndex(where: { $0.operation == operation }) else { return nil }
        guard state.troubles[place].skips == 0 else {
            state.troubles[place].skips -= 1
            return nil
        }
        let kind = state.troubles[place].kind
        state.troubles[place].count -= 1
        if state.troubles[place].count <= 0 { state.troubles.remove(at: place) }
        switch kind {
        case .short:
            state.tally.shortWrites += 1
            return .short
        case .error(let code):
            state.tally.errors[operation, default: 0] += 1
            return .failed(code)
        }
    }

    /// Ends an operation: throws what is to be thrown, and lets the process die under it.
    func end(_ verdict: DiskVerdict, _ call: String, _ name: String) throws(SystemError) {
        switch verdict.outcome {
        case .done, .short: return
        case .failed(let code): throw error(call, code, name)
        case .down: throw error(call, EIO, name)
        case .dies:
            state.withLock { Self.die(&$0) }
            throw error(call, EIO, name)
        }
    }

    /// Reads change nothing, so nobody dies under one; but they fail.
    func read(_ name: String) throws(SystemError) {
        let fails = state.withLock { $0.isDown || Self.takeTrouble(.read, &$0) != nil }
        if fails { throw error("pread", EIO, name) }
    }

    func note(_ file: VirtualFile, isDirty: Bool) {
        state.withLock { state in
            let place = state.dirty.firstIndex { $0 === file }
            if isDirty, place == nil { state.dirty.append(file) }
            if !isDirty, let place { state.dirty.remove(at: place) }
        }
    }

    private static func die(_ state: inout State) {
        guard !state.isDown, let death = state.death else { return }
        state.isDown = true
        guard death.kind == .powerCut else { return }
        for file in state.dirty {
            let share = [0, 8, 4, 7, 1][Int.random(in: 0..<5, using: &state.luck)]
            file.losePower(&state.luck, share: share)
        }
        state.dirty.removeAll()
        state.names.losePower(&state.luck)
    }
}

// What the world does to a disk.

extension VirtualDisk {
    var operations: Int { state.withLock { $0.tally.operations } }
    var isDown: Bool { state.withLock { $0.isDown } }
    /// How the process died, or will.
    var death: Death? { state.withLock { $0.death?.kind } }
    var tally: DiskTally { state.withLock { $0.tally } }

    /// The process dies under an operation, `operations` from now.
    func plan(_ death: Death, after operations: Int) {
        state.withLock { $0.death = ($0.tally.operations + operations, death) }
    }

    /// The process dies now, between two operations.
    func dieNow(_ death: Death) {
        state.withLock { state in
            guard !state.isDown else { return }
            state.death = (0, death)
            Self.die(&state)
        }
    }

    /// Another process may use the disk.
    func revive() {
        state.withLock { state in
            state.isDown = false
            state.death = nil
        }
    }

    func setMood(_ mood: DiskMood) { state.withLock { $0.mood = mood } }
    var mood: DiskMood { state.withLock { $0.mood } }
    func add(_ trouble: DiskTrouble) { state.withLock { $0.troubles.append(trouble) } }

    /// Nothing goes wrong any more.
    func heal() {
        state.withLock { state in
            state.mood = .well
            state.troubles.removeAll()
            state.readingAt = nil
            if !state.isDown { state.death = nil }
        }
    }

    /// Somebody reads the whole history before an operation, `operations` from now.
    func planReading(after operations: Int) {
        state.withLock { $0.readingAt = $0.tally.operations + operations }
    }

    func takeReadings() -> [Reading] {
        state.withLock { state in
            defer { state.readings.removeAll() }
            return state.readings
        }
    }

    /// Everything, read by who meets no trouble.
    func examine() -> Reading {
        let (troubles, at) = state.withLock { state in
            defer { (state.troubles, state.readingAt) = ([], nil) }
            return (state.troubles, state.readingAt)
        }
        defer { state.withLock { ($0.troubles, $0.readingAt) = (troubles, at) } }
        return Reading(of: self)
    }

    /// The segments and what is in them, for who looks for a cause.
    var contents: String {
        let names = state.withLock { $0.names.live }.sorted { $0.key < $1.key }
        return names.map { name, file in
            let bytes = file.bytes
            let head = bytes.prefix(128).withUnsafeBytes { bytes in
                bytes.count == 128 ? [80, 88, 96].map { bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self) } : []
            }
            return "\(name) \(BatchMap(bytes).sequences) after \(head)"
        }.joined(separator: "; ")
    }

    /// The file called `name`, for who wants to damage it.
    func file(_ name: String) -> VirtualFile? { state.withLock { $0.names.live[name] } }
}
