import CronCore
import Testing

@testable import CurlTransport

@Suite struct TLSTests {
    private func connection() throws -> ConnectionSettings {
        ConnectionSettings(caFile: try Certificates.made.get().authority)
    }

    private func alert(_ name: String, _ title: String, received: Bool = false) -> String {
        let origin = received ? "received SERVER ALERT" : "generated CLIENT ALERT"
        return "%Mint.TransportError{reason: {:tls_alert, {:\(name), ~c\"TLS client: \(origin): Fatal - \(title)\"}}}"
    }

    @Test func `a trusted server is called and its phases are timed`() throws {
        let server = try TLSServer(certificate: "good.pem")
        let response = try Caller().call(.to(server.url(host: "localhost"), connection: connection())).response
        #expect(response.failure == nil)
        #expect(response.httpStatus == 200)
        #expect(response.timings.dns != nil)
        #expect(response.timings.connect != nil)
        #expect((response.timings.tls ?? .zero) > .zero)
    }

    struct Distrusted: Sendable {
        var certificate: String
        var code: String
        var alert: String
        var title: String
    }

    @Test(arguments: [
        Distrusted(
            certificate: "stranger-signed.pem", code: "tls_unknown_ca", alert: "unknown_ca", title: "Unknown Ca"),
        Distrusted(
            certificate: "expired.pem", code: "tls_expired", alert: "certificate_expired", title: "Certificate Expired"),
        Distrusted(
            certificate: "elsewhere.pem", code: "tls_hostname", alert: "bad_certificate", title: "Bad Certificate"),
    ])
    func `a certificate that is not to be trusted`(row: Distrusted) throws {
        let server = try TLSServer(certificate: row.certificate)
        let failure = try Caller().call(.to(server.url(), connection: connection())).response.failure
        #expect(failure?.code == row.code)
        #expect(failure?.error == alert(row.alert, row.title))
        #expect(failure?.requestMayHaveLeft == false)
        #expect(failure?.detail != "")
    }

    @Test func `a self-signed certificate that the system does not know`() throws {
        let server = try TLSServer(certificate: "good.pem")
        let failure = try Caller().call(.to(server.url())).response.failure
        #expect(failure?.code == "tls_unknown_ca")
    }

    @Test func `VerifyTLS=no calls them all`() throws {
        let server = try TLSServer(certificate: "expired.pem")
        let settings = ConnectionSettings(verifiesTLS: false)
        #expect(try Caller().call(.to(server.url(), connection: settings)).response.failure == nil)
    }

    @Test func `a client certificate that the server misses`() throws {
        let server = try TLSServer(
            certificate: "good.pem", "-Verify", "1", "-verify_return_error", "-CAfile",
            Certificates.made.get().authority)
        let failure = try Caller().call(.to(server.url(), connection: connection())).response.failure
        #expect(failure?.code == "tls_handshake")
        #expect(failure?.error == alert("certificate_required", "Certificate Required", received: true))
        // With TLS 1.3 the request is on its way before the server has seen the certificate.
        #expect(failure?.requestMayHaveLeft == true)
        var settings = try connection()
        settings.clientCertificate = try Certificates.made.get().path("good.pem")
        settings.clientKey = try Certificates.made.get().path("key.pem")
        #expect(try Caller().call(.to(server.url(), connection: settings)).response.failure == nil)
    }

    @Test func `no version in common`() throws {
        let server = try TLSServer(certificate: "good.pem", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
        let failure = try Caller().call(.to(server.url(), connection: connection())).response.failure
        #expect(failure?.code == "tls_handshake")
        #expect(failure?.error == alert("protocol_version", "Protocol Version", received: true))
        #expect(failure?.requestMayHaveLeft == false)
    }

    @Test func `a server that speaks plain HTTP`() throws {
        let server = try LoopbackServer { peer, _ in
            peer.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            peer.stall()
        }
        let failure = try Caller().call(.to(server.url(scheme: "https"))).response.failure
        #expect(failure?.code == "tls_handshake")
        #expect(failure?.error == alert("protocol_version", "Protocol Version"))
    }

    @Test(arguments: [false, true])
    func `the connection ends during the handshake`(resets: Bool) throws {
        let server = try LoopbackServer { peer, _ in
            var byte: UInt8 = 0
            _ = peer.read(&byte)
            if resets { peer.reset() }
        }
        let failure = try Caller().call(.to(server.url(scheme: "https"))).response.failure
        #expect(failure?.code == "connection_closed")
        #expect(failure?.error == "%Mint.TransportError{reason: :closed}")
        #expect(failure?.requestMayHaveLeft == false)
    }

    @Test func `a handshake that stalls ends with ConnectTimeout=`() throws {
        let server = try LoopbackServer { peer, _ in peer.stall() }
        let failure = try Caller()
            .call(.to(server.url(scheme: "https"), connectTimeout: .milliseconds(200))).response.failure
        #expect(failure?.code == "timeout_tls")
        #expect(failure?.requestMayHaveLeft == false)
    }

    struct Missing: Sendable {
        var settings: ConnectionSettings
        var reason: String
    }

    @Test(arguments: [
        Missing(settings: ConnectionSettings(caFile: "/nonexistent.pem"), reason: "ca_file"),
        Missing(settings: ConnectionSettings(clientCertificate: "/nonexistent.pem"), reason: "client_certificate"),
    ])
    func `a file that is not there is not the server's fault`(row: Missing) throws {
        let server = try TLSServer(certificate: "good.pem")
        let failure = try Caller().call(.to(server.url(), connection: row.settings)).response.failure
        #expect(failure?.code == "request_invalid")
        #expect(failure?.error == "%Httpcron.RequestError{reason: :\(row.reason)}")
        #expect(failure?.requestMayHaveLeft == false)
    }

    @Test func `a later connection resumes the session of an earlier one`() throws {
        // Few ciphers, so that the page's word on the session is among the bytes that are kept.
        let server = try TLSServer(certificate: "good.pem", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256")
        let caller = try Caller()
        let request = HTTPRequest.to(server.url(), reuse: false, connection: try connection())
        let first = try caller.call(request).response
        #expect(String(decoding: first.body ?? [], as: UTF8.self).contains("New, TLS"))
        // A session serves one connection at a time; the two of the second round leave two for the third.
        for round in 2...3 {
            let keys = [caller.start(request), caller.start(request)]
            try caller.waitFor(keys[0], keys[1])
            let reused = keys.filter { key in
                String(decoding: caller.results[key]?.response.body ?? [], as: UTF8.self).contains("Reused, TLS")
            }
            #expect(reused.count == round - 1)
        }
    }
}
