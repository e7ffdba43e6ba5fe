import CCurl
import CronCore
import Glibc
import Testing

@testable import CurlTransport

/// Rows of the table that loopback cannot bring about.
@Suite struct CurlErrorTests {
    struct Refusal: Sendable {
        var errno: Int32
        var code: String
        var error: String
    }

    @Test(arguments: [
        Refusal(errno: ECONNREFUSED, code: "connect_refused", error: "%Mint.TransportError{reason: :econnrefused}"),
        Refusal(errno: EHOSTUNREACH, code: "host_unreachable", error: "%Mint.TransportError{reason: :ehostunreach}"),
        Refusal(errno: ENETUNREACH, code: "network_unreachable", error: "%Mint.TransportError{reason: :enetunreach}"),
        Refusal(errno: ETIMEDOUT, code: "timeout_connect", error: "%Mint.TransportError{reason: :timeout}"),
        Refusal(errno: ECONNRESET, code: "connection_closed", error: "%Mint.TransportError{reason: :closed}"),
        Refusal(errno: EMFILE, code: "request_invalid", error: "%Httpcron.RequestError{reason: :emfile}"),
        Refusal(errno: ENFILE, code: "request_invalid", error: "%Httpcron.RequestError{reason: :enfile}"),
        Refusal(errno: EADDRNOTAVAIL, code: "request_invalid", error: "%Httpcron.RequestError{reason: :eaddrnotavail}"),
    ])
    func `a connection that is refused is told by its errno`(row: Refusal) {
        var outcome = CurlOutcome(code: HTTPCRON_CURLE_COULDNT_CONNECT)
        outcome.osErrno = row.errno
        let failure = CurlError.failure(of: outcome)
        #expect(failure.code == row.code)
        #expect(failure.error == row.error)
        #expect(!failure.requestMayHaveLeft)
    }

    @Test func `why a socket could not be made is kept, for libcurl forgets it`() throws {
        let easy = try #require(EasyHandle(limits: TransportLimits()))
        #expect(easy.openSocket(httpcron_curl_sockaddr(family: 9_999, socktype: 1, protocol: 0)) == -1)
        #expect(easy.socketErrno == EAFNOSUPPORT)
        let target = Target(isTLS: false, host: "a.test", port: 80)
        let outcome = CurlOutcome(easy, code: HTTPCRON_CURLE_COULDNT_CONNECT, target: target, usesProxy: false)
        #expect(CurlError.failure(of: outcome).error == "%Mint.TransportError{reason: :eafnosupport}")
        easy.forget()
        #expect(easy.socketErrno == 0)
    }

    @Test func `no code of libcurl's is without an answer`() {
        for code in 0..<UInt32(130) {
            for left in [false, true] {
                var outcome = CurlOutcome(code: code)
                outcome.preTransfer = left ? 1 : 0
                let failure = CurlError.failure(of: outcome)
                #expect(!failure.code.isEmpty && failure.error.hasPrefix("%") && !failure.detail.isEmpty)
                #expect(failure.requestMayHaveLeft || !left)
            }
        }
    }

    struct Alert: Sendable {
        var text: String
        var name: String?
    }

    @Test(arguments: [
        Alert(text: "error:0A000410:SSL routines::sslv3 alert handshake failure", name: "handshake_failure"),
        Alert(text: "error:14094418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca", name: "unknown_ca"),
        Alert(text: "OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert", name: "certificate_required"),
        Alert(text: "error:0A00010B:SSL routines::wrong version number", name: nil),
        Alert(text: "error:", name: nil),
        Alert(text: "error:ffffffffffffffffffffff", name: nil),
        Alert(text: "", name: nil),
    ])
    func `an alert is found in OpenSSL's words`(row: Alert) {
        #expect(TLSAlert(openSSLText: row.text)?.name == row.name)
    }

    @Test func `what an old libcurl lacks is named`() {
        let old = CurlVersion(text: "7.76.1", number: 0x07_4c01, tls: "OpenSSL/3.0.7", features: -1)
        #expect(old.isSupported)
        #expect(old.lacks.count == 1)
        let ancient = CurlVersion(text: "7.61.1", number: 0x07_3d01, tls: "", features: 0)
        #expect(!ancient.isSupported)
        #expect(ancient.lacks.count > 3)
        #expect(CurlVersion.installed.isSupported)
    }
}
