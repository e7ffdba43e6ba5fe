internal import CCurl

/// All that libcurl tells of one finished transfer and that a failure is judged by. Plain values, so that the judgement
/// can be tested without a server.
struct CurlOutcome {
    /// CURLcode.
    var code: UInt32
    /// Of the last system call that failed while connecting; 0: none did.
    var osErrno: Int32 = 0
    /// Microseconds from the start of the transfer to the end of each phase; 0: not reached.
    var nameLookup: Int64 = 0
    var connect: Int64 = 0
    var tls: Int64 = 0
    var preTransfer: Int64 = 0
    /// The first byte that came. With a body to send, libcurl 7.88 takes the beginning of that for it.
    var firstByte: Int64 = 0
    var sendsBody = false
    /// Whether a server or a proxy has accepted the connection. libcurl 7.88 tells `connect` only once TLS is up.
    var isConnected = false
    /// Connections made for it; 0: an open one was used.
    var newConnections = 0
    /// The final status, or the last interim one; 0: none.
    var status = 0
    /// What the proxy answered to CONNECT; 0: nothing.
    var proxyStatus = 0
    /// X509_V_ERR_…; 0: no complaint.
    var verifyResult = 0
    var proxyVerifyResult = 0
    /// libcurl's sentence; may be empty.
    var text = ""
    var reply = Reply()
    var isTLS = false
    var usesProxy = false

    /// How far it came.
    enum Phase {
        case name, connect, tls, firstByte, body
    }

    var phase: Phase {
        if reply.hasBegun || firstByte > 0 && !sendsBody { return .body }
        if preTransfer > 0 { return .firstByte }
        if isConnected { return isTLS && !(usesProxy && proxyStatus == 0) ? .tls : .connect }
        return nameLookup > 0 ? .connect : .name
    }

    /// Whether the response is whole, or as much of it as was wanted. libcurl is content with a head that breaks off in
    /// the middle of a line.
    var isWhole: Bool {
        reply.headIsWhole
            && (code == HTTPCRON_CURLE_OK || code == HTTPCRON_CURLE_WRITE_ERROR && reply.stop == .bodyLimit)
    }

    /// Whether any byte of the request may have left.
    var requestMayHaveLeft: Bool { preTransfer > 0 || firstByte > 0 || reply.hasBegun }

    /// libcurl's sentence, or its general one for the code.
    var sentence: String {
        text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
    }

    init(code: UInt32) {
        self.code = code
    }

    /// curl_easy_getinfo(3).
    init(_ easy: EasyHandle, code: UInt32, target: Target, usesProxy: Bool, sendsBody: Bool = false) {
        self.code = code
        self.reply = easy.reply
        self.isTLS = target.isTLS
        self.usesProxy = usesProxy
        self.sendsBody = sendsBody
        let info = EasyInfo(easy: easy.pointer)
        nameLookup = info.offset(HTTPCRON_CURLINFO_NAMELOOKUP_TIME_T)
        connect = info.offset(HTTPCRON_CURLINFO_CONNECT_TIME_T)
        tls = info.offset(HTTPCRON_CURLINFO_APPCONNECT_TIME_T)
        preTransfer = info.offset(HTTPCRON_CURLINFO_PRETRANSFER_TIME_T)
        firstByte = info.offset(HTTPCRON_CURLINFO_STARTTRANSFER_TIME_T)
        isConnected = connect > 0 || preTransfer > 0 || info.long(HTTPCRON_CURLINFO_LOCAL_PORT) > 0
        newConnections = info.long(HTTPCRON_CURLINFO_NUM_CONNECTS)
        status = info.long(HTTPCRON_CURLINFO_RESPONSE_CODE)
        guard code != HTTPCRON_CURLE_OK else { return }
        osErrno = Int32(truncatingIfNeeded: info.long(HTTPCRON_CURLINFO_OS_ERRNO))
        if osErrno == 0 { osErrno = easy.socketErrno }
        proxyStatus = info.long(HTTPCRON_CURLINFO_HTTP_CONNECTCODE)
        verifyResult = info.long(HTTPCRON_CURLINFO_SSL_VERIFYRESULT)
        proxyVerifyResult = info.long(HTTPCRON_CURLINFO_PROXY_SSL_VERIFYRESULT)
        text = easy.errorText
    }
}

/// Reads what an easy handle knows. curl_easy_getinfo(3).
struct EasyInfo {
    let easy: UnsafeMutableRawPointer

    func long(_ info: UInt32) -> Int {
        var value = 0
        _ = httpcron_curl_get_long(easy, info, &value)
        return value
    }

    func offset(_ info: UInt32) -> Int64 {
        var value: Int64 = 0
        _ = httpcron_curl_get_offset(easy, info, &value)
        return value
    }

    func text(_ info: UInt32) -> String {
        var text: UnsafePointer<CChar>?
        guard httpcron_curl_get_string(easy, info, &text) == HTTPCRON_CURLE_OK, let text else { return "" }
        return String(cString: text)
    }
}
