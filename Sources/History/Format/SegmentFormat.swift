/// The numbers of `History.docc/Format.md`, and nothing else: what a byte means is said there.
package enum SegmentFormat {
    package static let magic: UInt64 = 0x4e4f_5243_5054_5448  // "HTTPCRON"
    package static let majorVersion: UInt16 = 1
    package static let minorVersion: UInt16 = 1

    package static let headerLength = 256
    package static let secondHeaderOffset: UInt64 = 4_096
    package static let firstBatchOffset: UInt64 = 8_192
    /// Where a header has the history's id, and its predecessor's end.
    package static let historyRange: Range<UInt64> = 40..<56
    package static let predecessorRange: Range<UInt64> = 80..<112
    package static let coverFlag: UInt64 = 1
    package static let groupedFlag: UInt64 = 2

    package static let batchMarker: UInt32 = 0x1a42_4348
    package static let batchHeaderLength = 64
    package static let recordsType: UInt8 = 1
    package static let footerType: UInt8 = 2
    package static let predecessorSyncedFlag: UInt8 = 1
    /// A writer closes a batch at this length; the last record in it may pass it.
    package static let batchTarget = 1 << 20
    /// No payload of records is longer; a footer may be.
    package static let longestPayload = 2 << 20

    package static let recordHeaderLength = 64
    /// In a record's flags.
    package static let pausedFlag: UInt8 = 1
    /// Held by the codec, which cuts the texts and the body of a record.
    package static let longestRecord = 1 << 20
    package static let longestText = 65_535
    package static let longestBody = 256 << 10

    package static let startKind: UInt8 = 1
    package static let executionKind: UInt8 = 2
    package static let noteKind: UInt8 = 3
    package static let stateKind: UInt8 = 4

    package static let summaryLength = 64
    package static let entryLength = 120
    package static let newestSucceededFlag: UInt64 = 1
    package static let othersCountedFlag: UInt64 = 2
    package static let pausedEntryFlag: UInt64 = 4
    package static let trailerLength = 32
    package static let trailerMagic: UInt32 = 0x4c41_4553  // "SEAL"

    /// `offset` moved up to where the next structure may begin.
    package static func aligned(_ offset: UInt64) -> UInt64 { (offset &+ 7) & ~7 }
    package static func aligned(_ length: Int) -> Int { (length &+ 7) & ~7 }
}
