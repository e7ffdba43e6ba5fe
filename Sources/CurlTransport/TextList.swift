internal import CCurl
internal import Glibc

/// A `curl_slist` laid out in memory that is kept from one request to the next: the headers of a request, or its
/// addresses. curl reads it until the transfer has ended, and takes no copy.
///
/// `beginLine`, `append`…, and at last `list`, which stays valid until the next change.
final class TextList {
    private var bytes: UnsafeMutableRawBufferPointer
    private var used = 0
    private var starts: [Int] = []
    private var nodes: UnsafeMutableBufferPointer<httpcron_curl_slist>

    init() {
        bytes = .allocate(byteCount: 1_024, alignment: 1)
        nodes = .allocate(capacity: 16)
    }

    deinit {
        wipe()
        bytes.deallocate()
        nodes.deallocate()
    }

    /// Empties it. What stood there may have been a secret, and is wiped.
    func removeAll() {
        wipe()
        used = 0
        starts.removeAll(keepingCapacity: true)
    }

    /// Ends the line before, if any, and begins the next.
    func beginLine() {
        if !starts.isEmpty { terminate() }
        starts.append(used)
    }

    func append(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            reserve(utf8.count)
            UnsafeMutableRawBufferPointer(rebasing: bytes[used..<used + utf8.count])
                .copyMemory(from: UnsafeRawBufferPointer(utf8))
            used += utf8.count
        }
    }

    /// nil when empty.
    var list: UnsafePointer<httpcron_curl_slist>? {
        guard let base = bytes.baseAddress, let first = nodes.baseAddress, !starts.isEmpty else { return nil }
        reserve(1)
        bytes[used] = 0
        return link(base: bytes.baseAddress ?? base, first: first)
    }

    private func link(
        base: UnsafeMutableRawPointer, first: UnsafeMutablePointer<httpcron_curl_slist>
    ) -> UnsafePointer<httpcron_curl_slist>? {
        var first = first
        if starts.count > nodes.count {
            nodes.deallocate()
            nodes = .allocate(capacity: starts.count * 2)
            guard let moved = nodes.baseAddress else { return nil }
            first = moved
        }
        for (index, start) in starts.enumerated() {
            let data = (base + start).assumingMemoryBound(to: CChar.self)
            let next = index + 1 < starts.count ? first + index + 1 : nil
            (first + index).initialize(to: httpcron_curl_slist(data: data, next: next))
        }
        return UnsafePointer(first)
    }

    /// explicit_bzero(3).
    private func wipe() {
        if let base = bytes.baseAddress { explicit_bzero(base, used) }
    }

    private func terminate() {
        reserve(1)
        bytes[used] = 0
        used += 1
    }

    private func reserve(_ count: Int) {
        guard used + count + 1 > bytes.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: (used + count + 1) * 2, alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<used]))
        wipe()
        bytes.deallocate()
        bytes = larger
    }
}
