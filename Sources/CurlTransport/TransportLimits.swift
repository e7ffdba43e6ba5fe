/// What the transport may use up, however hostile the servers are.
package struct TransportLimits: Hashable, Sendable {
    /// `MaxResponseBytes=`: after so many body bytes reading stops, and the status decides.
    package var maxResponseBytes: UInt64
    /// Header bytes of one attempt, interim responses and trailers included. libcurl's own cap does not count
    /// trailers.
    package var maxHeaderBytes: Int
    /// Connections kept open for later requests, over all hosts.
    package var maxIdleConnections: Int

    package init(
        maxResponseBytes: UInt64 = 1 << 20, maxHeaderBytes: Int = 64 << 10, maxIdleConnections: Int = 256
    ) {
        self.maxResponseBytes = maxResponseBytes
        self.maxHeaderBytes = maxHeaderBytes
        self.maxIdleConnections = maxIdleConnections
    }

    /// How much of a body is kept for the record.
    static let keptBodyBytes = 2_048
}
