/*
 * Holds CCurl.h against the real header. Compiled, never linked or run, by Tests/ccurl-abi, which also generates
 * constants.h: one CONSTANT(name) for every number in CCurl.h.
 *
 * Ours comes first: curl's header turns its variadic functions into macros. That both can be included at all is the
 * proof for every function declared under curl's own name, since C refuses a second declaration of another type.
 */
#include "../../Sources/CCurl/include/CCurl.h"
unsigned int curl_easy_setopt(void *easy, unsigned int option, ...);
unsigned int curl_easy_getinfo(void *easy, unsigned int info, ...);
int curl_multi_setopt(void *multi, unsigned int option, ...);
unsigned int curl_share_setopt(void *share, unsigned int option, ...);

#define CURL_DISABLE_DEPRECATION
#include <curl/curl.h>

#define CONSTANT(name) _Static_assert((long)(HTTPCRON_##name) == (long)(name), #name " has another value");
#include "constants.h"

#define SAME_FIELD(ours, theirs, field) \
    _Static_assert(offsetof(struct ours, field) == offsetof(theirs, field), #field " lies elsewhere"); \
    _Static_assert(sizeof(((struct ours *)0)->field) == sizeof(((theirs *)0)->field), #field " has another size");
SAME_FIELD(httpcron_curl_slist, struct curl_slist, data)
SAME_FIELD(httpcron_curl_slist, struct curl_slist, next)
_Static_assert(sizeof(struct httpcron_curl_slist) == sizeof(struct curl_slist), "curl_slist has grown");
SAME_FIELD(httpcron_curl_message, CURLMsg, msg)
SAME_FIELD(httpcron_curl_message, CURLMsg, easy_handle)
SAME_FIELD(httpcron_curl_message, CURLMsg, data)
SAME_FIELD(httpcron_curl_message, CURLMsg, data.result)
SAME_FIELD(httpcron_curl_sockaddr, struct curl_sockaddr, family)
SAME_FIELD(httpcron_curl_sockaddr, struct curl_sockaddr, socktype)
SAME_FIELD(httpcron_curl_sockaddr, struct curl_sockaddr, protocol)
SAME_FIELD(httpcron_curl_version, curl_version_info_data, age)
SAME_FIELD(httpcron_curl_version, curl_version_info_data, version)
SAME_FIELD(httpcron_curl_version, curl_version_info_data, version_num)
SAME_FIELD(httpcron_curl_version, curl_version_info_data, host)
SAME_FIELD(httpcron_curl_version, curl_version_info_data, features)
SAME_FIELD(httpcron_curl_version, curl_version_info_data, ssl_version)

#define SAME_TYPE(name, ours, theirs) _Static_assert(__builtin_types_compatible_p(ours, theirs), name " has another type");
SAME_TYPE("curl_off_t", int64_t, curl_off_t)
SAME_TYPE("curl_socket_t", int, curl_socket_t)
SAME_TYPE("CURLcode", unsigned int, CURLcode)
SAME_TYPE("CURLMcode", int, CURLMcode)
SAME_TYPE("CURLSHcode", unsigned int, CURLSHcode)
SAME_TYPE("CURLUcode", unsigned int, CURLUcode)
SAME_TYPE("CURLMSG", unsigned int, CURLMSG)
SAME_TYPE("CURLversion", unsigned int, CURLversion)
SAME_TYPE("curl_lock_data", unsigned int, curl_lock_data)
SAME_TYPE("curl_write_callback", httpcron_curl_write_callback, curl_write_callback)
SAME_TYPE("curl_socket_callback", httpcron_curl_socket_callback, curl_socket_callback)
SAME_TYPE("curl_multi_timer_callback", httpcron_curl_timer_callback, curl_multi_timer_callback)
// The same but for the struct's name, whose fields are held together above.
SAME_TYPE("curl_opensocket_callback", curl_socket_t (*)(void *, curlsocktype, struct curl_sockaddr *), curl_opensocket_callback)
SAME_TYPE("curlsocktype", unsigned int, curlsocktype)
SAME_TYPE("curl_multi_info_read", __typeof__(curl_multi_info_read), CURLMsg *(void *, int *))
SAME_TYPE("curl_version_info", __typeof__(curl_version_info), curl_version_info_data *(unsigned int))
_Static_assert(
    __builtin_types_compatible_p(
        __typeof__(curl_url_get), unsigned int(struct Curl_URL *, unsigned int, char **, unsigned int))
        || __builtin_types_compatible_p(
            __typeof__(curl_url_get), unsigned int(const struct Curl_URL *, unsigned int, char **, unsigned int)),
    "curl_url_get has another type");
