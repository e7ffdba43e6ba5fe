import Foundation
import Testing

/// An authority and the certificates it signed, made by openssl(1) when the first test asks for them.
final class Certificates: Sendable {
    static let made = Result { try Certificates() }

    private static let directory = NSTemporaryDirectory() + "httpcron-tls-\(UUID().uuidString)"

    var authority: String { path("ca.pem") }
    func path(_ name: String) -> String { "\(Self.directory)/\(name)" }

    private init() throws {
        try FileManager.default.createDirectory(atPath: Self.directory, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: Certificates.directory) }
        try Data("subjectAltName=DNS:localhost,IP:127.0.0.1\n".utf8).write(to: URL(fileURLWithPath: path("here")))
        try Data("subjectAltName=DNS:elsewhere.test\n".utf8).write(to: URL(fileURLWithPath: path("there")))
        try makeAuthority("ca")
        try makeAuthority("stranger")
        try openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
            path("key.pem"), "-out", path("request.pem"), "-subj", "/CN=server")
        try sign("good.pem", by: "ca", days: 2, names: "here")
        try sign("expired.pem", by: "ca", days: -1, names: "here")
        try sign("elsewhere.pem", by: "ca", days: 2, names: "there")
        try sign("stranger-signed.pem", by: "stranger", days: 2, names: "here")
    }

    private func makeAuthority(_ name: String) throws {
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
            path("\(name).key"), "-out", path("\(name).pem"), "-subj", "/CN=\(name)", "-days", "2")
    }

    private func sign(_ name: String, by authority: String, days: Int, names: String) throws {
        try openssl(
            "x509", "-req", "-in", path("request.pem"), "-CA", path("\(authority).pem"), "-CAkey",
            path("\(authority).key"), "-CAcreateserial", "-days", "\(days)", "-extfile", path(names), "-out", path(name)
        )
    }

    private func openssl(_ arguments: String...) throws {
        let status = try Child(["openssl"] + arguments).wait()
        try #require(status == 0, "openssl \(arguments)")
    }
}

/// `openssl s_server`, which answers any request with a page about the TLS session.
final class TLSServer {
    let port: UInt16
    private let child: Child

    init(certificate: String, _ more: String...) throws {
        let certificates = try Certificates.made.get()
        child = try Child(
            [
                // Should this process be killed, the server ends by itself.
                "timeout", "120", "openssl", "s_server", "-www", "-accept", "127.0.0.1:0", "-cert",
                certificates.path(certificate),
                "-key", certificates.path("key.pem"),
            ] + more)
        var text = ""
        while !text.contains("ACCEPT") || !text.hasSuffix("\n") {
            text += try #require(child.read(), "openssl s_server ended")
        }
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("ACCEPT") })
        port = try #require(UInt16(line.split(separator: ":").last ?? ""))
    }

    deinit {
        child.terminate()
        child.wait()
    }

    func url(host: String = "127.0.0.1") -> String { "https://\(host):\(port)/" }
}
