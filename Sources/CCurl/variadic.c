#include "CCurl.h"

unsigned int curl_easy_setopt(void *easy, unsigned int option, ...);
unsigned int curl_easy_getinfo(void *easy, unsigned int info, ...);
int curl_multi_setopt(void *multi, unsigned int option, ...);
unsigned int curl_share_setopt(void *share, unsigned int option, ...);

/// The ten thousands of an option's number say what kind of argument it takes.
enum { kind_long = 0, kind_pointer = 1, kind_function = 2, kind_offset = 3 };

static int is_kind(unsigned int option, unsigned int kind) { return option / 10000 == kind; }

/// The top bits of an info's number say what it writes.
enum { info_string = 1, info_long = 2, info_offset = 6 };

static int writes(unsigned int info, unsigned int kind) { return (info >> 20 & 15) == kind; }

static const unsigned int wrong_kind = HTTPCRON_CURLE_BAD_FUNCTION_ARGUMENT;
static const int wrong_multi_kind = 10; // CURLM_BAD_FUNCTION_ARGUMENT

unsigned int httpcron_curl_set_long(void *easy, unsigned int option, long value) {
    return is_kind(option, kind_long) ? curl_easy_setopt(easy, option, value) : wrong_kind;
}

unsigned int httpcron_curl_set_offset(void *easy, unsigned int option, int64_t value) {
    return is_kind(option, kind_offset) ? curl_easy_setopt(easy, option, value) : wrong_kind;
}

unsigned int httpcron_curl_set_string(void *easy, unsigned int option, const char *text) {
    return is_kind(option, kind_pointer) ? curl_easy_setopt(easy, option, text) : wrong_kind;
}

unsigned int httpcron_curl_set_pointer(void *easy, unsigned int option, const void *pointer) {
    return is_kind(option, kind_pointer) ? curl_easy_setopt(easy, option, pointer) : wrong_kind;
}

unsigned int httpcron_curl_set_write_callback(
    void *easy, unsigned int option, httpcron_curl_write_callback callback) {
    return is_kind(option, kind_function) ? curl_easy_setopt(easy, option, callback) : wrong_kind;
}

unsigned int httpcron_curl_set_open_callback(void *easy, httpcron_curl_open_callback callback) {
    return curl_easy_setopt(easy, HTTPCRON_CURLOPT_OPENSOCKETFUNCTION, callback);
}

unsigned int httpcron_curl_get_long(void *easy, unsigned int info, long *value) {
    return writes(info, info_long) ? curl_easy_getinfo(easy, info, value) : wrong_kind;
}

unsigned int httpcron_curl_get_offset(void *easy, unsigned int info, int64_t *value) {
    return writes(info, info_offset) ? curl_easy_getinfo(easy, info, value) : wrong_kind;
}

unsigned int httpcron_curl_get_string(void *easy, unsigned int info, const char **text) {
    return writes(info, info_string) ? curl_easy_getinfo(easy, info, text) : wrong_kind;
}

unsigned int httpcron_curl_get_pointer(void *easy, unsigned int info, void **pointer) {
    return info == HTTPCRON_CURLINFO_PRIVATE ? curl_easy_getinfo(easy, info, pointer) : wrong_kind;
}

int httpcron_curl_multi_set_long(void *multi, unsigned int option, long value) {
    return is_kind(option, kind_long) ? curl_multi_setopt(multi, option, value) : wrong_multi_kind;
}

int httpcron_curl_multi_set_pointer(void *multi, unsigned int option, void *pointer) {
    return is_kind(option, kind_pointer) ? curl_multi_setopt(multi, option, pointer) : wrong_multi_kind;
}

int httpcron_curl_multi_set_socket_callback(void *multi, httpcron_curl_socket_callback callback) {
    return curl_multi_setopt(multi, HTTPCRON_CURLMOPT_SOCKETFUNCTION, callback);
}

int httpcron_curl_multi_set_timer_callback(void *multi, httpcron_curl_timer_callback callback) {
    return curl_multi_setopt(multi, HTTPCRON_CURLMOPT_TIMERFUNCTION, callback);
}

unsigned int httpcron_curl_share_set_data(void *share, int data) {
    return curl_share_setopt(share, HTTPCRON_CURLSHOPT_SHARE, data);
}
