import CronCore
import Testing

@Suite struct RequestRendererTests {
    private let renderer = RequestRenderer(version: "1.2.3")

    /// The attempt that a job with these lines in [Request] comes to.
    private func attempt(_ lines: String, job: String = "", url: String = "http://localhost/", failed: Execution? = nil)
        throws -> Attempt
    {
        let text = "[Job]\nOnDemand=yes\n\(job)[Request]\nURL=\(url)\n\(lines)\n"
        let outcome = parse(text)
        return Attempt(
            key: AttemptKey(1), job: try #require(outcome.job, "\(outcome.diagnostics)"),
            run: Run(
                id: RunID(UUID(high: 0x0123_4567_89ab_8def, low: 0x8123_4567_89ab_cdef)), trigger: .schedule,
                scheduledAt: Timestamp(seconds: 1_736_935_800)),
            number: 2, execution: ExecutionID(UUID(high: 0x0123_4567_89ab_7def, low: 0x0000_0000_0000_00ff)),
            startedAt: Moment(wall: Timestamp(seconds: 0), boot: Instant(microseconds: 0)), failed: failed)
    }

    private func secrets(_ text: String) -> RequestMaterials {
        RequestMaterials(credentials: ["key": Array(text.utf8)])
    }

    private func headers(_ request: HTTPRequest) -> [String] {
        request.headers.map { "\($0.name): \($0.value)" }
    }

    @Test func `a plain request has the default headers`() throws {
        let request = try renderer.render(attempt("")).get()
        #expect(request.method == "GET" && request.url == "http://localhost/" && request.body == nil)
        #expect(
            headers(request) == [
                "User-Agent: httpcron/1.2.3", "Idempotency-Key: 01234567-89ab-8def-8123-456789abcdef",
                "X-Httpcron-Job: health", "X-Httpcron-Scheduled-At: 2025-01-15T10:10:00Z", "X-Httpcron-Attempt: 2",
            ])
        #expect(request.connection == ConnectionSettings(verifiesTLS: true))
    }

    @Test func `a header of the same name replaces a default one, and an empty one removes it`() throws {
        let lines =
            "Header=user-agent: mine\nHeader=IDEMPOTENCY-KEY:\nHeader=X-A: 1\nHeader=X-A: 2\nHeader=Accept:\nBody=x\n"
        let request = try renderer.render(attempt(lines + "Header=Content-Type: text/csv")).get()
        #expect(
            headers(request) == [
                "X-Httpcron-Job: health", "X-Httpcron-Scheduled-At: 2025-01-15T10:10:00Z", "X-Httpcron-Attempt: 2",
                "user-agent: mine", "X-A: 1", "X-A: 2", "Content-Type: text/csv",
            ])
        #expect(request.removedHeaders == ["IDEMPOTENCY-KEY", "Accept"])
    }

    @Test func `a trace parent names the run and the attempt`() throws {
        let request = try renderer.render(attempt("TraceParent=yes")).get()
        #expect(headers(request).last == "traceparent: 00-0123456789ab8def8123456789abcdef-00000000000000ff-01")
    }

    @Test func `the content type follows the body`() throws {
        func type(_ lines: String, _ materials: RequestMaterials = RequestMaterials()) throws -> String? {
            try renderer.render(attempt(lines), materials).get().headers.first { $0.name == "Content-Type" }?.value
        }
        #expect(try type(#"Body={"a":"${job}"}"#) == "application/json")
        #expect(try type("Body=a ${job}") == "text/plain; charset=utf-8")
        #expect(
            try type("BodyFile=/x", RequestMaterials(bodyFile: BodyFileContent(bytes: Array("[1]".utf8))))
                == "application/json")
        #expect(
            try type("BodyFile=/x", RequestMaterials(bodyFile: BodyFileContent(bytes: [0xff])))
                == "text/plain; charset=utf-8")
        #expect(try type("") == nil)
    }

    @Test func `what goes into a URL is percent-encoded`() throws {
        let attempt = try attempt(
            "", url: "http://localhost/${job}/${attempt}?t=${scheduled_at}&k=${credential:key}#$$")
        let request = try renderer.render(attempt, secrets("a/b?c&d=ü \n~")).get()
        #expect(request.url == "http://localhost/health/2?t=2025-01-15T10%3A10%3A00Z&k=a%2Fb%3Fc%26d%3D%C3%BC%20%0A~#$")
    }

    @Test func `what goes into a JSON body is escaped, and the failed execution stands raw`() throws {
        let lines =
            #"Body={"job":"${job}","key":"${credential:key}","n":${attempt},"status":${failed.http_status},"why":"${failed.error}","all":${failed.execution},"text":"${failed.execution}"}"#
        let attempt = try attempt(lines, failed: krafterExecutions[1])
        let body = try #require(try renderer.render(attempt, secrets("a\"b\\\n")).get().body)
        let text = String(decoding: body, as: UTF8.self)
        #expect(JSONValidator.isValid(body))
        #expect(
            text.hasPrefix(
                #"{"job":"health","key":"a\"b\\\n","n":2,"status":500,"why":"HTTP 500","all":{"id":"f2a3b4c5-"#))
        #expect(text.hasSuffix(#"\"finished_at\":\"2025-01-15T10:05:01Z\"}"}"#))
    }

    @Test func `without a failure its placeholders are empty, and null where JSON needs a value`() throws {
        let json = try attempt(#"Body={"s":${failed.http_status},"e":"${failed.error}","x":${failed.execution}}"#)
        #expect(try renderer.render(json).get().body == Array(#"{"s":null,"e":"","x":null}"#.utf8))
        let plain = try attempt("Body=[${failed.job}|${failed.error_code}|${failed.http_status}|${failed.execution}]x")
        #expect(try renderer.render(plain).get().body == Array("[|||]x".utf8))
    }

    @Test func `a JSON body stays JSON whatever is filled in`() throws {
        var random = RandomSource(seed: 9)
        let attempt = try attempt(
            #"Body={"a":"${credential:key}","b":["${job}","\"${credential:key}"],"c":${attempt}}"#)
        for _ in 0..<2_000 {
            let scalars = (0..<Int.random(in: 0..<12, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0..<0x800, using: &random))
            }
            let body = try renderer.render(attempt, secrets(String(String.UnicodeScalarView(scalars)))).get().body
            #expect(JSONValidator.isValid(try #require(body)))
        }
    }

    @Test(arguments: ["a\nb", "a\r", "\0", "\u{1b}[31m", "\u{7f}"])
    func `a control character refuses a header, without telling the secret`(secret: String) throws {
        let lines = "Header=X-Api-Key: ${credential:key}"
        guard case .failure(let error) = try renderer.render(attempt(lines), secrets("s3cret" + secret)) else {
            Issue.record("it was sent")
            return
        }
        #expect(error.failure.code == "request_invalid")
        #expect(error.failure.error == "%Httpcron.RequestError{reason: :control_character}")
        #expect(error.detail.contains("X-Api-Key") && !error.detail.contains("s3cret"))
        #expect(!error.failure.requestMayHaveLeft)
    }

    @Test func `a secret that is not text refuses what must be text`() throws {
        let bytes = RequestMaterials(credentials: ["key": [0x73, 0xff]])
        for lines in [
            "Header=X: ${credential:key}", "User=a\nPassword=${credential:key}", #"Body={"a":"${credential:key}"}"#,
        ] {
            guard case .failure(let error) = try renderer.render(attempt(lines), bytes) else {
                Issue.record("\(lines)")
                continue
            }
            #expect(error.reason == ":not_utf8")
        }
        #expect(try renderer.render(attempt("Body=${credential:key}"), bytes).get().body == [0x73, 0xff])
    }

    @Test func `what was not read refuses the request by its name`() throws {
        for (lines, reason) in [
            ("Header=X: ${credential:key}", #"{:credential_missing, "key"}"#),
            ("CAFile=credential:ca", #"{:credential_missing, "ca"}"#),
            ("BodyFile=/x", ":body_file_unreadable"),
        ] {
            guard case .failure(let error) = try renderer.render(attempt(lines)) else {
                Issue.record("\(lines)")
                continue
            }
            #expect(error.reason == reason)
        }
    }

    @Test func `a connection is used again for idempotent methods that may be repeated`() throws {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"] {
            #expect(try renderer.render(attempt("Method=\(method)")).get().mayReuseConnection)
            let once = try attempt("Method=\(method)", job: "Delivery=at-most-once\n")
            #expect(try !renderer.render(once).get().mayReuseConnection)
        }
        for method in ["POST", "PATCH", "PURGE", "get"] {
            #expect(try !renderer.render(attempt("Method=\(method)")).get().mayReuseConnection)
        }
        #expect(try !renderer.render(attempt("Body=x")).get().mayReuseConnection)
    }

    @Test func `the connection has its secrets and paths`() throws {
        let lines = """
            User=alice
            Password=${credential:key}
            CAFile=credential:ca
            ClientCertificate=/c.pem
            ClientKey=credential:ck
            Proxy=http://bob:${credential:key}@proxy:3128
            NoProxy=localhost
            AddressFamily=ipv4
            """
        var materials = secrets("p:@ss")
        materials.credentialPaths = ["ca": "/run/ca", "ck": "/run/ck"]
        #expect(
            try renderer.render(attempt(lines), materials).get().connection
                == ConnectionSettings(
                    user: "alice", password: "p:@ss", caFile: "/run/ca", clientCertificate: "/c.pem",
                    clientKey: "/run/ck", proxy: "http://bob:p%3A%40ss@proxy:3128", noProxy: "localhost",
                    addressFamily: .ipv4))
        let whole = try attempt("Proxy=${credential:key}")
        #expect(try renderer.render(whole, secrets("http://u:p@h:1")).get().connection.proxy == "http://u:p@h:1")
    }

    @Test func `a template knows what it needs from files`() throws {
        let lines = """
            Header=A: ${credential:a}${credential:b}
            Header=B: ${credential:a}
            User=u
            Password=${credential:p}
            CAFile=credential:ca
            ClientCertificate=credential:cc
            BodyFile=/b
            """
        let template = try attempt(lines).job.request
        #expect(template.credentialNames == ["a", "b", "p"])
        #expect(template.credentialFileNames == ["ca", "cc"])
        #expect(template.bodyFile == "/b" && template.needsFiles)
        #expect(try !attempt("Header=A: ${job}\nCAFile=/ca").job.request.needsFiles)
    }
}
