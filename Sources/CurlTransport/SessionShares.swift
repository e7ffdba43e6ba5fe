internal import CCurl

/// TLS sessions shared between easy handles, so that any of them resumes what another began: resuming costs half of a
/// full handshake or less. curl_share_setopt(3).
///
/// A share keeps but eight sessions (libcurl 7.88), so there are many, and each origin has its own place.
final class SessionShares {
    private var shares: [UnsafeMutableRawPointer?]

    init() {
        shares = (0..<64).map { _ in nil }
    }

    deinit {
        for share in shares where share != nil { _ = curl_share_cleanup(share) }
    }

    /// nil: out of memory, and sessions are not resumed.
    func share(for target: Target) -> UnsafeMutableRawPointer? {
        let index = Int(target.hashValue.magnitude % UInt(shares.count))
        if let share = shares[index] { return share }
        guard let made = curl_share_init() else { return nil }
        // One thread uses them all, so there is nothing to lock.
        guard httpcron_curl_share_set_data(made, HTTPCRON_CURL_LOCK_DATA_SSL_SESSION) == HTTPCRON_CURLE_OK else {
            _ = curl_share_cleanup(made)
            return nil
        }
        shares[index] = made
        return made
    }
}
