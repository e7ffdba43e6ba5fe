internal import CCurl
internal import Glibc

/// What libcurl needs of the whole process. To be called once, first thing, before any other thread is started: it
/// changes the environment, which no thread may be reading.
///
/// libcurl would take a proxy from `http_proxy` and its like, and write the keys of every TLS connection to the file
/// that `SSLKEYLOGFILE` names: where requests go and who can read them is the job file's to say. SIGPIPE is ignored:
/// a server that closes early must not end the daemon.
package func prepareProcessForTransport() throws(TransportError) {
    for name in [
        "http_proxy", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
        "SSLKEYLOGFILE", "CURL_HOME", "CURL_CA_BUNDLE",
    ] {
        unsetenv(name)
    }
    signal(SIGPIPE, SIG_IGN)
    let code = curl_global_init(HTTPCRON_CURL_GLOBAL_DEFAULT)
    guard code == HTTPCRON_CURLE_OK else {
        throw TransportError(call: "curl_global_init", reason: String(cString: curl_easy_strerror(code)))
    }
}
