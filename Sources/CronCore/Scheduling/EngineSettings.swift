/// The daemon settings that the engine decides by.
package struct EngineSettings: Hashable, Sendable {
    package var maxConcurrent: Int
    package var maxPerHost: Int
    /// Time of day, UTC.
    package var compactAt: TimeSpan

    package init(maxConcurrent: Int = 2_048, maxPerHost: Int = 64, compactAt: TimeSpan = .hours(4)) {
        self.maxConcurrent = maxConcurrent
        self.maxPerHost = maxPerHost
        self.compactAt = compactAt
    }
}
