/// The daemon settings that the engine decides by.
package struct EngineSettings: Hashable, Sendable {
    package var maxConcurrent: Int
    package var maxPerHost: Int

    package init(maxConcurrent: Int = 2_048, maxPerHost: Int = 64) {
        self.maxConcurrent = maxConcurrent
        self.maxPerHost = maxPerHost
    }
}
