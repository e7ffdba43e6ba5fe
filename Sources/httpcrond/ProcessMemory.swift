internal import CLinux

/// What a start and a reload took, and the daemon does not need any more.
enum ProcessMemory {
    /// Large buffers go back to the system as they are freed, not into the heap of the thread that had them: the
    /// history fills some now and then, and an idle daemon would keep them. To be called before any thread runs.
    static func keepHeapsSmall() {
        // Set by hand, the threshold no longer grows with the largest buffer that was freed. mallopt(3).
        mallopt(M_MMAP_THRESHOLD, 256 << 10)
        mallopt(M_ARENA_MAX, 4)
    }

    /// Gives back the heaps' free pages, and the program text that only a start runs, most of it that of libcurl's
    /// libraries. Safe on any thread at any time. malloc_trim(3), madvise(2).
    static func giveBack() {
        malloc_trim(0)
        httpcron_unmap_text()
    }
}
