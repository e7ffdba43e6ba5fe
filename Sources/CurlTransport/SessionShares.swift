internal import CCurl

/// TLS sessions, kept from one connection to an origin for the next: resuming one costs half of a full handshake or
/// less. curl_share_setopt(3).
///
/// A session of TLS 1.3 is good for one connection, so each request borrows a share of its own, one that last served
/// the same origin if there is one.
final class SessionShares {
    /// A share on loan to one request.
    struct Loan {
        fileprivate let target: Target
        let pointer: UnsafeMutableRawPointer
    }

    private static let maxShares = 512
    /// Every share there is, to be cleaned up in the end.
    private var made: [UnsafeMutableRawPointer] = []
    private var free: [Target: [UnsafeMutableRawPointer]] = [:]

    deinit {
        for share in made { _ = curl_share_cleanup(share) }
    }

    /// nil: all are on loan, or memory is short; then the session is not resumed.
    func borrow(for target: Target) -> Loan? {
        if let share = free[target]?.popLast() { return Loan(target: target, pointer: share) }
        guard made.count < Self.maxShares else {
            // One that another origin has left; curl keeps both origins' sessions in it for as long as there is room.
            guard let other = free.first(where: { !$0.value.isEmpty }), let share = free[other.key]?.popLast() else {
                return nil
            }
            if free[other.key]?.isEmpty == true { free[other.key] = nil }
            return Loan(target: target, pointer: share)
        }
        guard let share = curl_share_init() else { return nil }
        made.append(share)
        // One thread uses them all, so there is nothing to lock.
        let code = httpcron_curl_share_set_data(share, HTTPCRON_CURL_LOCK_DATA_SSL_SESSION)
        return code == HTTPCRON_CURLE_OK ? Loan(target: target, pointer: share) : nil
    }

    /// The handle that had it must have let go of it.
    func giveBack(_ loan: Loan) {
        free[loan.target, default: []].append(loan.pointer)
    }
}
