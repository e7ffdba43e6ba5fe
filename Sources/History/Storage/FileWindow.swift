/// Reads a file through a buffer of its own: what is asked for twice, or lies close by, is read once. A view of the
/// file's bytes holds until the next is asked for. Pages that the disk cannot read, among others that it can, are given
/// as bytes that no checksum takes for good, and that do not look like the zeros behind the end.
final class FileWindow {
    /// Where what will be wanted next lies.
    enum Direction {
        case forward
        case backward
        /// Anywhere, and then close by.
        case around
    }

    let file: any StorageFile
    /// How much is read at least.
    private let readAhead: Int
    private let direction: Direction
    /// Made when something is read.
    private var buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var begin: UInt64 = 0
    private var count = 0
    /// Where something of the file could be read; nil: nothing could so far.
    private var readable: UInt64?

    /// `readable`: a place that could be read, if the caller knows one.
    init(
        _ file: any StorageFile, readAhead: Int, _ direction: Direction = .forward, readable: UInt64? = nil
    ) {
        self.file = file
        self.readAhead = readAhead
        self.direction = direction
        self.readable = readable
    }

    deinit {
        buffer.deallocate()
    }

    /// The `length` bytes from `offset`; fewer only at the end of the file.
    func bytes(at offset: UInt64, length: Int) throws(SystemError) -> UnsafeRawBufferPointer {
        guard length > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        if !(offset >= begin && offset - begin <= UInt64(count) && length <= count - Int(offset - begin)) {
            try fill(from: offset, length: length)
        }
        let place = min(Int(offset - begin), count)
        return UnsafeRawBufferPointer(rebasing: buffer[place..<min(place + length, count)])
    }

    /// The same, for who treats a failing disk and a damaged file alike.
    func checked(at offset: UInt64, length: Int) throws(SegmentFault) -> UnsafeRawBufferPointer {
        do throws(SystemError) { return try bytes(at: offset, length: length) } catch { throw .system(error) }
    }

    /// Forgets what was read: the file may have grown.
    func forget() {
        count = 0
        begin = 0
    }

    private func fill(from offset: UInt64, length: Int) throws(SystemError) {
        let size = max(length, readAhead)
        // Going forward, what is left of the last read is not read again.
        let continues = direction == .forward && offset >= begin && offset - begin < UInt64(count)
        let kept = continues ? count - Int(offset - begin) : 0
        if kept > 0, kept < length, buffer.count >= size, let base = buffer.baseAddress {
            base.copyMemory(from: base + (count - kept), byteCount: kept)
            begin = offset
            count = kept
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[kept..<size])
            count += try read(rest, at: offset + UInt64(kept))
            return
        }
        if buffer.count < size {
            buffer.deallocate()
            buffer = .allocate(byteCount: size, alignment: 16)
        }
        let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<size])
        begin = offset - min(before(UInt64(wanted.count - length)), offset)
        count = 0
        count = try read(wanted, at: begin)
    }

    /// How much of the `spare` that is read besides lies before what is asked for.
    private func before(_ spare: UInt64) -> UInt64 {
        switch direction {
        case .forward: 0
        // A little behind it too: how long a record is, is not known until its beginning is read.
        case .backward: spare / 4 * 3
        case .around: spare / 2
        }
    }

    private func read(_ wanted: UnsafeMutableRawBufferPointer, at begin: UInt64) throws(SystemError) -> Int {
        do throws(SystemError) {
            let count = try file.read(into: wanted, at: begin)
            if count > 0 { readable = begin }
            return count
        } catch  where error.isUnreadable {
            return try readByPages(wanted, at: begin, error)
        }
    }

    /// `error`: thrown if nothing can be read, here or before.
    private func readByPages(
        _ wanted: UnsafeMutableRawBufferPointer, at begin: UInt64, _ error: SystemError
    ) throws(SystemError) -> Int {
        let size = try file.size()
        guard size > begin else { return 0 }
        var end = Int(min(UInt64(wanted.count), size - begin))
        var refused: [Range<Int>] = []
        var done = 0
        while done < end {
            let page = Self.pageSize - Int((begin + UInt64(done)) % UInt64(Self.pageSize))
            let piece = done..<min(done + page, end)
            if let got = try readPage(wanted, piece, at: begin) {
                if got < piece.count { end = done + got }
            } else {
                refused.append(piece)
            }
            done = piece.upperBound
        }
        guard let readable else { throw error }
        for piece in refused where try !retry(wanted, piece, at: begin, probing: readable) {
            UnsafeMutableRawBufferPointer(rebasing: wanted[piece]).initializeMemory(as: UInt8.self, repeating: 0xee)
        }
        return end
    }

    /// Whether the disk reads a page after all, after it has read another one: who takes for damaged what it refuses for a
    /// moment loses it.
    private func retry(
        _ wanted: UnsafeMutableRawBufferPointer, _ piece: Range<Int>, at begin: UInt64, probing readable: UInt64
    ) throws(SystemError) -> Bool {
        for _ in 0..<SystemError.readRetries {
            var probe: [UInt8] = [0]
            _ = try file.read(&probe, at: readable)
            if try readPage(wanted, piece, at: begin) != nil { return true }
        }
        return false
    }

    /// nil: the disk cannot read it.
    private func readPage(
        _ wanted: UnsafeMutableRawBufferPointer, _ piece: Range<Int>, at begin: UInt64
    ) throws(SystemError) -> Int? {
        do throws(SystemError) {
            let place = begin + UInt64(piece.lowerBound)
            let got = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: wanted[piece]), at: place)
            if got > 0 { readable = place }
            return got
        } catch {
            guard error.isUnreadable else { throw error }
            return nil
        }
    }

    private static let pageSize = 4_096
}
