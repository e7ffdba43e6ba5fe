/// What `--version`, the log and the `User-Agent` header say.
package enum Version {
    package static let text = "0.1.0"
    /// When this version was made: a wall clock behind it is wrong, and a start waits for it to be set.
    package static let releasedAt = Timestamp(seconds: 1_793_491_200)  // 2026-11-01
}
