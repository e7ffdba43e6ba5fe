#pragma once
#include <stddef.h>
#include <stdint.h>

/*
 * The slice of libcurl's stable ABI that the transport calls, declared here so that a build needs no curl headers.
 * Numbers and shapes are those of libcurl.so.4, which only ever adds to them; `Tests/ccurl-abi` holds every one against
 * the real <curl/curl.h> where that is installed.
 *
 * Constants carry the prefix HTTPCRON_ before curl's own name. Handles are `void *`, as in curl's public headers
 * (easy, multi, share), and enumerations are the integers that they are in the ABI.
 */

// MARK: Results

#define HTTPCRON_CURLE_OK 0U
#define HTTPCRON_CURLE_UNSUPPORTED_PROTOCOL 1U
#define HTTPCRON_CURLE_URL_MALFORMAT 3U
#define HTTPCRON_CURLE_COULDNT_RESOLVE_PROXY 5U
#define HTTPCRON_CURLE_COULDNT_RESOLVE_HOST 6U
#define HTTPCRON_CURLE_COULDNT_CONNECT 7U
#define HTTPCRON_CURLE_WEIRD_SERVER_REPLY 8U
#define HTTPCRON_CURLE_HTTP2 16U
#define HTTPCRON_CURLE_PARTIAL_FILE 18U
#define HTTPCRON_CURLE_WRITE_ERROR 23U
#define HTTPCRON_CURLE_OUT_OF_MEMORY 27U
#define HTTPCRON_CURLE_OPERATION_TIMEDOUT 28U
#define HTTPCRON_CURLE_SSL_CONNECT_ERROR 35U
#define HTTPCRON_CURLE_BAD_FUNCTION_ARGUMENT 43U
#define HTTPCRON_CURLE_GOT_NOTHING 52U
#define HTTPCRON_CURLE_SEND_ERROR 55U
#define HTTPCRON_CURLE_RECV_ERROR 56U
#define HTTPCRON_CURLE_SSL_CERTPROBLEM 58U
#define HTTPCRON_CURLE_PEER_FAILED_VERIFICATION 60U
#define HTTPCRON_CURLE_SSL_CACERT_BADFILE 77U
#define HTTPCRON_CURLE_SSL_ISSUER_ERROR 83U
#define HTTPCRON_CURLE_SSL_INVALIDCERTSTATUS 91U
#define HTTPCRON_CURLE_HTTP2_STREAM 92U
#define HTTPCRON_CURLE_PROXY 97U
#define HTTPCRON_CURLE_SSL_CLIENTCERT 98U
#define HTTPCRON_CURLM_OK 0
#define HTTPCRON_CURLUE_OK 0U

// MARK: Options of an easy handle

#define HTTPCRON_CURLOPT_WRITEDATA 10001U
#define HTTPCRON_CURLOPT_URL 10002U
#define HTTPCRON_CURLOPT_PROXY 10004U
#define HTTPCRON_CURLOPT_ERRORBUFFER 10010U
#define HTTPCRON_CURLOPT_WRITEFUNCTION 20011U
#define HTTPCRON_CURLOPT_HTTPHEADER 10023U
#define HTTPCRON_CURLOPT_SSLCERT 10025U
#define HTTPCRON_CURLOPT_HEADERDATA 10029U
#define HTTPCRON_CURLOPT_SSLVERSION 32U
#define HTTPCRON_CURLOPT_CUSTOMREQUEST 10036U
#define HTTPCRON_CURLOPT_NOBODY 44U
#define HTTPCRON_CURLOPT_SSL_VERIFYPEER 64U
#define HTTPCRON_CURLOPT_CAINFO 10065U
#define HTTPCRON_CURLOPT_FRESH_CONNECT 74U
#define HTTPCRON_CURLOPT_FORBID_REUSE 75U
#define HTTPCRON_CURLOPT_HEADERFUNCTION 20079U
#define HTTPCRON_CURLOPT_SSL_VERIFYHOST 81U
#define HTTPCRON_CURLOPT_HTTP_VERSION 84U
#define HTTPCRON_CURLOPT_SSLKEY 10087U
#define HTTPCRON_CURLOPT_DNS_CACHE_TIMEOUT 92U
#define HTTPCRON_CURLOPT_CAPATH 10097U
#define HTTPCRON_CURLOPT_BUFFERSIZE 98U
#define HTTPCRON_CURLOPT_NOSIGNAL 99U
#define HTTPCRON_CURLOPT_SHARE 10100U
#define HTTPCRON_CURLOPT_PRIVATE 10103U
#define HTTPCRON_CURLOPT_HTTPAUTH 107U
#define HTTPCRON_CURLOPT_IPRESOLVE 113U
#define HTTPCRON_CURLOPT_POSTFIELDSIZE_LARGE 30120U
#define HTTPCRON_CURLOPT_TIMEOUT_MS 155U
#define HTTPCRON_CURLOPT_CONNECTTIMEOUT_MS 156U
#define HTTPCRON_CURLOPT_OPENSOCKETFUNCTION 20163U
#define HTTPCRON_CURLOPT_OPENSOCKETDATA 10164U
#define HTTPCRON_CURLOPT_COPYPOSTFIELDS 10165U
#define HTTPCRON_CURLOPT_USERNAME 10173U
#define HTTPCRON_CURLOPT_PASSWORD 10174U
#define HTTPCRON_CURLOPT_NOPROXY 10177U
#define HTTPCRON_CURLOPT_PROTOCOLS 181U
#define HTTPCRON_CURLOPT_RESOLVE 10203U
#define HTTPCRON_CURLOPT_UNIX_SOCKET_PATH 10231U
#define HTTPCRON_CURLOPT_SUPPRESS_CONNECT_HEADERS 265U
#define HTTPCRON_CURLOPT_QUICK_EXIT 322U

#define HTTPCRON_CURLPROTO_HTTP 1L
#define HTTPCRON_CURLPROTO_HTTPS 2L
#define HTTPCRON_CURLAUTH_BASIC 1L
#define HTTPCRON_CURL_HTTP_VERSION_1_1 2L
#define HTTPCRON_CURL_IPRESOLVE_V4 1L
#define HTTPCRON_CURL_IPRESOLVE_V6 2L
#define HTTPCRON_CURL_SSLVERSION_TLSv1_2 6L
#define HTTPCRON_CURL_ERROR_SIZE 256

// MARK: What a finished easy handle tells

#define HTTPCRON_CURLINFO_PRIVATE 0x100015U
#define HTTPCRON_CURLINFO_PRIMARY_IP 0x100020U
#define HTTPCRON_CURLINFO_RESPONSE_CODE 0x200002U
#define HTTPCRON_CURLINFO_SSL_VERIFYRESULT 0x20000dU
#define HTTPCRON_CURLINFO_HTTP_CONNECTCODE 0x200016U
#define HTTPCRON_CURLINFO_OS_ERRNO 0x200019U
#define HTTPCRON_CURLINFO_NUM_CONNECTS 0x20001aU
#define HTTPCRON_CURLINFO_LOCAL_PORT 0x20002aU
#define HTTPCRON_CURLINFO_HTTP_VERSION 0x20002eU
#define HTTPCRON_CURLINFO_PROXY_SSL_VERIFYRESULT 0x20002fU
#define HTTPCRON_CURLINFO_NAMELOOKUP_TIME_T 0x600033U
#define HTTPCRON_CURLINFO_CONNECT_TIME_T 0x600034U
#define HTTPCRON_CURLINFO_PRETRANSFER_TIME_T 0x600035U
#define HTTPCRON_CURLINFO_STARTTRANSFER_TIME_T 0x600036U
#define HTTPCRON_CURLINFO_APPCONNECT_TIME_T 0x600038U

// MARK: The multi and share handles

#define HTTPCRON_CURLMOPT_SOCKETFUNCTION 20001U
#define HTTPCRON_CURLMOPT_SOCKETDATA 10002U
#define HTTPCRON_CURLMOPT_PIPELINING 3U
#define HTTPCRON_CURLMOPT_TIMERFUNCTION 20004U
#define HTTPCRON_CURLMOPT_TIMERDATA 10005U
#define HTTPCRON_CURLMOPT_MAXCONNECTS 6U
#define HTTPCRON_CURLPIPE_NOTHING 0L

#define HTTPCRON_CURL_SOCKET_TIMEOUT (-1)
#define HTTPCRON_CURL_CSELECT_IN 1
#define HTTPCRON_CURL_CSELECT_OUT 2
#define HTTPCRON_CURL_POLL_IN 1
#define HTTPCRON_CURL_POLL_OUT 2
#define HTTPCRON_CURL_POLL_INOUT 3
#define HTTPCRON_CURL_SOCKET_BAD (-1)
#define HTTPCRON_CURLMSG_DONE 1U

#define HTTPCRON_CURLSHOPT_SHARE 1U
#define HTTPCRON_CURL_LOCK_DATA_SSL_SESSION 4

#define HTTPCRON_CURL_GLOBAL_DEFAULT 3L

// MARK: URLs

#define HTTPCRON_CURLUPART_URL 0U
#define HTTPCRON_CURLUPART_SCHEME 1U
#define HTTPCRON_CURLUPART_USER 2U
#define HTTPCRON_CURLUPART_PASSWORD 3U
#define HTTPCRON_CURLUPART_HOST 5U
#define HTTPCRON_CURLUPART_PORT 6U
#define HTTPCRON_CURLU_DEFAULT_PORT 1U
#define HTTPCRON_CURLU_NON_SUPPORT_SCHEME 8U
#define HTTPCRON_CURLU_URLENCODE 128U
#define HTTPCRON_CURLU_GUESS_SCHEME 512U

// MARK: The library itself

#define HTTPCRON_CURLVERSION_FIRST 0U
#define HTTPCRON_CURL_VERSION_IPV6 1
#define HTTPCRON_CURL_VERSION_SSL 4
#define HTTPCRON_CURL_VERSION_ASYNCHDNS 128
#define HTTPCRON_CURL_VERSION_UNIX_SOCKETS 524288

// MARK: Shapes

/// `struct curl_slist`. The transport lays its header lists out itself, in memory that it keeps.
struct httpcron_curl_slist {
    char *data;
    struct httpcron_curl_slist *next;
};

/// `CURLMsg`.
struct httpcron_curl_message {
    unsigned int msg;
    void *easy_handle;
    union {
        void *whatever;
        unsigned int result;
    } data;
};

/// The head of `struct curl_sockaddr`: what kind of socket curl wants.
struct httpcron_curl_sockaddr {
    int family;
    int socktype;
    int protocol;
};

/// The head of `curl_version_info_data`, which every libcurl has.
struct httpcron_curl_version {
    unsigned int age;
    const char *version;
    unsigned int version_num;
    const char *host;
    int features;
    const char *ssl_version;
};

/// Body bytes or one header line. Fewer bytes taken than were given end the transfer with CURLE_WRITE_ERROR.
typedef size_t (*httpcron_curl_write_callback)(char *bytes, size_t size, size_t count, void *context);
/// `curl_opensocket_callback`: a new socket, or CURL_SOCKET_BAD.
typedef int (*httpcron_curl_open_callback)(void *context, unsigned int purpose, struct httpcron_curl_sockaddr *address);
/// `curl_socket_callback`: what to watch a socket for.
typedef int (*httpcron_curl_socket_callback)(void *easy, int socket, int what, void *context, void *of_socket);
/// `curl_multi_timer_callback`: when to call again; -1: no need to.
typedef int (*httpcron_curl_timer_callback)(void *multi, long milliseconds, void *context);

// MARK: Functions

unsigned int curl_global_init(long flags);
void curl_free(void *pointer);
const char *curl_easy_strerror(unsigned int code);

void *curl_easy_init(void);
void curl_easy_cleanup(void *easy);
void curl_easy_reset(void *easy);

void *curl_multi_init(void);
int curl_multi_cleanup(void *multi);
int curl_multi_add_handle(void *multi, void *easy);
int curl_multi_remove_handle(void *multi, void *easy);
int curl_multi_socket_action(void *multi, int socket, int what, int *running);
const char *curl_multi_strerror(int code);

void *curl_share_init(void);
unsigned int curl_share_cleanup(void *share);

struct Curl_URL;
struct Curl_URL *curl_url(void);
void curl_url_cleanup(struct Curl_URL *url);
unsigned int curl_url_set(struct Curl_URL *url, unsigned int part, const char *text, unsigned int flags);

// Under names of our own where a type of ours stands for one of curl's, or where curl's headers disagree on a `const`.
struct httpcron_curl_message *httpcron_curl_multi_info_read(void *multi, int *left) __asm__("curl_multi_info_read");
struct httpcron_curl_version *httpcron_curl_version_info(unsigned int age) __asm__("curl_version_info");
unsigned int httpcron_curl_url_get(
    const struct Curl_URL *url, unsigned int part, char **text, unsigned int flags) __asm__("curl_url_get");

// MARK: Typed forms of the variadic functions, which Swift cannot call
//
// curl reads each argument by the option's number; one of another kind would be undefined behaviour, so these answer
// CURLE_BAD_FUNCTION_ARGUMENT, or CURLM_BAD_FUNCTION_ARGUMENT, instead.

unsigned int httpcron_curl_set_long(void *easy, unsigned int option, long value);
unsigned int httpcron_curl_set_offset(void *easy, unsigned int option, int64_t value);
/// curl copies the text; NULL unsets it.
unsigned int httpcron_curl_set_string(void *easy, unsigned int option, const char *text);
/// curl keeps the pointer, but for CURLOPT_COPYPOSTFIELDS.
unsigned int httpcron_curl_set_pointer(void *easy, unsigned int option, const void *pointer);
unsigned int httpcron_curl_set_write_callback(
    void *easy, unsigned int option, httpcron_curl_write_callback callback);
unsigned int httpcron_curl_set_open_callback(void *easy, httpcron_curl_open_callback callback);

unsigned int httpcron_curl_get_long(void *easy, unsigned int info, long *value);
unsigned int httpcron_curl_get_offset(void *easy, unsigned int info, int64_t *value);
unsigned int httpcron_curl_get_string(void *easy, unsigned int info, const char **text);
/// CURLINFO_PRIVATE.
unsigned int httpcron_curl_get_pointer(void *easy, unsigned int info, void **pointer);

int httpcron_curl_multi_set_long(void *multi, unsigned int option, long value);
int httpcron_curl_multi_set_pointer(void *multi, unsigned int option, void *pointer);
int httpcron_curl_multi_set_socket_callback(void *multi, httpcron_curl_socket_callback callback);
int httpcron_curl_multi_set_timer_callback(void *multi, httpcron_curl_timer_callback callback);

unsigned int httpcron_curl_share_set_data(void *share, int data);
