import CronCore
import Testing

@Suite struct SipHashTests {
    /// Vectors from the reference implementation: the key is the bytes 0…15, the input the bytes 0…n-1. Its 16 bytes
    /// of output are two little-endian words.
    @Test(arguments: [
        (0, UInt64(0xe6a8_25ba_047f_81a3), UInt64(0x9302_55c7_1472_f66d)),
        (1, UInt64(0x44af_996b_d8c1_87da), UInt64(0x45fc_229b_1159_7634)),
    ])
    func `agrees with the reference vectors`(count: Int, first: UInt64, second: UInt64) {
        var hash = SipHash(key: UUID(high: 0x0706_0504_0302_0100, low: 0x0f0e_0d0c_0b0a_0908))
        hash.update((0..<UInt8(count)))
        let result = hash.finish()
        #expect(result.high == first)
        #expect(result.low == second)
    }
}
