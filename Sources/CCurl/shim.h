#ifndef SHIPIT_CCURL_SHIM_H
#define SHIPIT_CCURL_SHIM_H

#include <curl/curl.h>

/* curl_easy_setopt and curl_easy_getinfo take a variadic last argument, which Swift cannot call: one typed function for each
 * type of argument. The option has to match the type; a wrong pair is undefined behaviour, so only EasyHandle calls these. */

typedef size_t (*shipit_curl_sink)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode shipit_curl_set_long(CURL *handle, CURLoption option, long value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode shipit_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode shipit_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode shipit_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode shipit_curl_set_bytes(CURL *handle, CURLoption option, const void *value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode shipit_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode shipit_curl_set_sink(CURL *handle, CURLoption option, shipit_curl_sink value) {
    return (curl_easy_setopt)(handle, option, value);
}

/* Macros made of other macros are not imported either. */
static inline CURLcode shipit_curl_global_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

#endif
