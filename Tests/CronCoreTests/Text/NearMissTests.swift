import CronCore
import Testing

@Suite struct NearMissTests {
    private let words = ["Timeout", "ConnectTimeout", "TimeZone", "URL", "User", "Keep", "KeepFor"]

    @Test func `a slip of the finger is recognised`() {
        for (written, meant) in [
            ("Timeot", "Timeout"), ("Tiemout", "Timeout"), ("timeout", "Timeout"), ("Timezone", "TimeZone"),
            ("Usr", "User"), ("UR", "URL"), ("Kepe", "Keep"), ("ConectTimout", "ConnectTimeout"),
        ] {
            #expect(NearMiss.find(written, among: words) == meant)
        }
    }

    @Test func `something else is not`() {
        for written in ["", "Frobnicate", "Nothing", String(repeating: "Timeout", count: 100)] {
            #expect(NearMiss.find(written, among: words) == nil)
        }
    }

    @Test func `quoted text is short and harmless`() {
        #expect(quoted("a\u{1b}[31m\n\u{85}\u{202e}b") == "'a\\u{1B}[31m\\u{A}\\u{85}\\u{202E}b'")
        #expect(quoted(String(repeating: "x", count: 100)) == "'" + String(repeating: "x", count: 60) + "…'")
    }
}
