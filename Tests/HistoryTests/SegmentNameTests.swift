import Testing

@testable import History

@Suite struct SegmentNameTests {
    @Test(arguments: [
        SegmentName.raw(1), .raw(0xfedc_ba98_7654_3210), .cover(1, 1), .cover(2, 0x1f), .spare, .new(7),
        .temporary(3, 4), .bad(of: "0000000000000001.seg", copy: 0), .bad(of: "0000000000000001.seg", copy: 12),
    ])
    func `a name is read as it was made`(name: SegmentName) {
        #expect(SegmentName(name.text) == name)
    }

    @Test(arguments: [
        "", ".seg", "1.seg", "000000000000000A.seg", "0000000000000000.seg", "ffffffffffffffff.seg",
        "0000000000000002-0000000000000001.seg", "0000000000000001-.seg", "0000000000000001-1.seg",
        "0000000000000001-0000000000000002-0000000000000003.seg", "0000000000000001.tmp", "0000000000000001.seg.bad.0",
        "0000000000000001.seg.bad.01", "0000000000000001.seg.bak", "spare2", "lost+found",
        "0000000000000001-0000000000000002.new",
    ])
    func `other names are none of ours`(text: String) {
        #expect(SegmentName(text) == nil)
    }

    @Test func `a wider cover supersedes what it covers, and a cover the raw segment`() {
        #expect(SegmentName.raw(5).isSuperseded(by: .cover(5, 5)))
        #expect(SegmentName.raw(5).isSuperseded(by: .cover(1, 9)))
        #expect(SegmentName.cover(5, 5).isSuperseded(by: .cover(5, 6)))
        #expect(!SegmentName.cover(5, 6).isSuperseded(by: .cover(5, 5)))
        #expect(!SegmentName.cover(5, 6).isSuperseded(by: .cover(5, 6)))
        #expect(!SegmentName.cover(5, 5).isSuperseded(by: .raw(5)))
        #expect(!SegmentName.raw(5).isSuperseded(by: .temporary(1, 9)))
        #expect(!SegmentName.raw(5).isSuperseded(by: .cover(6, 9)))
    }
}
