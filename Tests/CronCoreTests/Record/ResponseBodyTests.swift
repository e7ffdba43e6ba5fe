import CronCore
import Testing

@Suite struct ResponseBodyTests {
    private func filled(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x61, count: count) }

    @Test func `2,048 bytes are whole and one more is cut`() {
        #expect(ResponseBody.cut([]) == ([], false))
        #expect(ResponseBody.cut(filled(2_048)) == (filled(2_048), false))
        #expect(ResponseBody.cut(filled(2_049)) == (filled(2_048), true))
        #expect(ResponseBody.cut(filled(2_048), arrived: 1_000_000) == (filled(2_048), true))
        #expect(ResponseBody.cut(filled(100), arrived: 100) == (filled(100), false))
    }

    @Test(arguments: ["ü", "€", "😀"])
    func `no character is split`(character: String) {
        let bytes = Array(character.utf8)
        for before in 2_040...2_050 {
            let (kept, truncated) = ResponseBody.cut(filled(before) + bytes + filled(100))
            #expect(truncated)
            let expected = before + bytes.count <= 2_048 ? 2_048 : min(before, 2_048)
            #expect(kept.count == expected, "\(before)")
            #expect(String(validating: kept, as: UTF8.self) != nil)
        }
    }

    @Test func `a whole body that ends within a character is kept as it came`() {
        let body = filled(2_047) + [0xc3]
        #expect(ResponseBody.cut(body) == (body, false))
    }

    @Test func `what is no UTF-8 is cut where it is`() {
        for byte in [0x80, 0xbf, 0xff, 0xc0, 0xf8] as [UInt8] {
            let (kept, truncated) = ResponseBody.cut([UInt8](repeating: byte, count: 3_000))
            #expect(kept.count == 2_048 && truncated)
        }
    }
}
