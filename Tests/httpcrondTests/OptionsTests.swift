import Testing

@testable import httpcrond

@Suite struct OptionsTests {
    @Test func `without arguments it is the service`() throws {
        let options = try Options(arguments: [])
        #expect(options.mode == .daemon)
        #expect(options.jobsDirectory == "/etc/httpcron/jobs.d")
        #expect(options.historyDirectory == "/var/lib/httpcron/history")
        #expect(options.settingsFile == "/etc/httpcron/httpcron.conf")
        #expect(!options.settingsFileIsExplicit)
    }

    @Test func `values may be attached or follow`() throws {
        let options = try Options(arguments: ["--jobs", "a", "--state=b=c", "--config=d"])
        #expect(options.jobsDirectory == "a")
        #expect(options.stateDirectory == "b=c")
        #expect(options.settingsFile == "d")
        #expect(options.settingsFileIsExplicit)
    }

    @Test(arguments: [
        ["--jobs"], ["--jobs="], ["--frobnicate"], ["jobs"], ["-x"], ["--try"],
    ])
    func `what it does not understand is refused`(arguments: [String]) {
        #expect(throws: UsageError.self) { try Options(arguments: arguments) }
    }
}
