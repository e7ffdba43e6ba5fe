import Testing

@testable import History

/// Writer and syncer meet in a segment; whoever comes second must not undo what the first decided.
@Suite struct LiveSegmentTests {
    private func segment() -> LiveSegment {
        let disk = FakeDisk()
        return LiveSegment(id: 1, file: FakeFile("1", [], disk: disk), temporaryName: .new(1))
    }

    @Test func `a sync that ends after the segment was abandoned acknowledges nothing`() {
        let segment = segment()
        segment.wrote(1, through: 10)
        #expect(segment.synced(.init(batch: 1, sequence: 10)))
        segment.wrote(2, through: 20)
        let mark = segment.marks.written
        #expect(segment.abandon().durable.batch == 1)
        #expect(!segment.synced(mark))
        #expect(segment.marks.durable == .init(batch: 1, sequence: 10))
    }

    @Test func `an abandoned segment gets no name`() throws {
        let segment = segment()
        segment.abandon()
        var renamed = false
        #expect(try segment.name(by: { renamed = true }) == false)
        #expect(!renamed)
        #expect(!segment.marks.isNamed)
    }

    @Test func `a segment has its name only if the rename went well`() throws {
        let segment = segment()
        let error = SystemError(operation: "renameat2", errno: 5, path: "x")
        #expect(throws: error) { try segment.name(by: { () throws(SystemError) in throw error }) }
        #expect(!segment.marks.isNamed)
        #expect(try segment.name(by: {}))
        #expect(segment.abandon().isNamed)
    }
}
