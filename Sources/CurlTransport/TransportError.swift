/// The transport could not be set up.
package struct TransportError: Error, Hashable, CustomStringConvertible {
    /// The function that refused.
    package let call: String
    package let reason: String

    package var description: String { "\(call): \(reason)" }
}
