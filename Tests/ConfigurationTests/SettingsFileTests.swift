import Configuration
import CronCore
import Testing

@Suite final class SettingsFileTests {
    private let directory: TemporaryDirectory
    private let reader = FileReader(trust: .me)

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func `no file means the defaults, unless somebody named it`() {
        let path = "\(directory.path)/httpcron.conf"
        let found = SettingsFile.load(path, reader: reader)
        #expect(found.settings?.engine == EngineSettings() && found.diagnostics.isEmpty)
        let named = SettingsFile.load(path, isRequired: true, reader: reader)
        #expect(named.settings == nil)
        #expect(named.diagnostics.map(\.description) == ["httpcron.conf: cannot be read: No such file or directory"])
    }

    @Test func `drop-ins go on top, even of a file that is not there`() throws {
        try directory.write("httpcron.conf.d/10.conf", "[Daemon]\nMaxPerHost=3\n")
        try directory.write("httpcron.conf.d/20.conf", "[Daemon]\nMaxPerHost=4\n")
        let found = SettingsFile.load("\(directory.path)/httpcron.conf", reader: reader)
        #expect(found.settings?.engine.maxPerHost == 4)
    }

    @Test func `a file that others can write is refused`() throws {
        try directory.write("httpcron.conf", "", mode: 0o666)
        let path = "\(directory.path)/httpcron.conf"
        let found = SettingsFile.load(path, reader: reader)
        #expect(found.settings == nil)
        #expect(
            found.diagnostics.map(\.description) == [
                "httpcron.conf: can be written by anybody; mend it: chmod o-w \(path)"
            ])
    }

    @Test func `a mistake names its file and line`() throws {
        try directory.write("httpcron.conf", "[Daemon]\nMaxPerHosts=3\n")
        let found = SettingsFile.load("\(directory.path)/httpcron.conf", reader: reader)
        #expect(found.settings == nil)
        #expect(
            found.diagnostics.map(\.description) == [
                "httpcron.conf:2: there is no MaxPerHosts=; did you mean MaxPerHost=?"
            ])
    }
}
