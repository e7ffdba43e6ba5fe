internal import CChecksum

/// CRC32C bound to a segment and a place in it: over the salt, the offset, and then the bytes. Nothing that was stored
/// inside a record, or moved, passes for something of ours.
struct Checksum {
    let salt: UInt64

    /// Of `bytes`, which begin at `offset` of the file.
    @inline(__always)
    func of(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) -> UInt32 {
        var seed = (salt.littleEndian, offset.littleEndian)
        let start = httpcron_crc32c(0, &seed, 16)
        return httpcron_crc32c(start, bytes.baseAddress, bytes.count)
    }

    /// Without a salt, for what must be readable before the salt is known.
    static func plain(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        httpcron_crc32c(0, bytes.baseAddress, bytes.count)
    }
}
