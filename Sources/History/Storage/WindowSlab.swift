/// A small window into a file for each of many places that are read in turn; all of them together are bounded.
final class WindowSlab {
    private struct Slot {
        var begin: UInt64 = 0
        var count: Int32 = 0
    }

    private static let mostBytes = 16 << 20
    private static let longestSlot = 16 << 10
    /// With less there is room for one record, if at all.
    private static let shortestSlot = 1 << 10

    private let file: any StorageFile
    private let goesBackward: Bool
    private let slotLength: Int
    private var slots: [Slot]
    private let bytes: UnsafeMutableRawBufferPointer
    /// For what does not fit.
    private let spare: FileWindow

    /// `readable`: a place that could be read; nil: none is known.
    init(_ file: any StorageFile, slots count: Int, goesBackward: Bool, readable: UInt64? = nil) {
        self.file = file
        self.goesBackward = goesBackward
        let length = min(Self.mostBytes / max(count, 1), Self.longestSlot) & ~7
        slotLength = length < Self.shortestSlot ? 0 : length
        slots = Array(repeating: Slot(), count: slotLength == 0 ? 0 : count)
        bytes = .allocate(byteCount: slotLength * slots.count, alignment: 16)
        spare = FileWindow(file, readAhead: 2 << 10, goesBackward ? .backward : .forward, readable: readable)
    }

    deinit {
        bytes.deallocate()
    }

    /// The `length` bytes from `offset`, for the place with this number; fewer only at the end of the file. They hold
    /// until the next call.
    func bytes(at offset: UInt64, length: Int, slot: Int) throws(SystemError) -> UnsafeRawBufferPointer {
        guard length <= slotLength / 2 else { return try spare.bytes(at: offset, length: length) }
        if let found = held(offset, length, slot) { return found }
        let window = UnsafeMutableRawBufferPointer(rebasing: bytes[slot * slotLength..<(slot + 1) * slotLength])
        let before = goesBackward ? UInt64(slotLength - max(length, slotLength / 4)) : 0
        let begin = offset - min(before, offset)
        slots[slot].count = 0
        do throws(SystemError) {
            slots[slot] = Slot(begin: begin, count: Int32(try file.read(into: window, at: begin)))
        } catch  where error.isUnreadable {
            return try spare.bytes(at: offset, length: length)
        }
        if let found = held(offset, length, slot) { return found }
        return try spare.bytes(at: offset, length: length)
    }

    private func held(_ offset: UInt64, _ length: Int, _ slot: Int) -> UnsafeRawBufferPointer? {
        let window = slots[slot]
        guard offset >= window.begin, offset - window.begin <= UInt64(slotLength) else { return nil }
        let begin = Int(offset - window.begin)
        guard begin + length <= Int(window.count) else { return nil }
        let place = slot * slotLength + begin
        return UnsafeRawBufferPointer(rebasing: bytes[place..<place + length])
    }
}
