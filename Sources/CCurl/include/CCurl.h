#ifndef SHIPIT_CCURL_H
#define SHIPIT_CCURL_H

#include <curl/curl.h>

/* curl_easy_setopt takes a variadic last argument, which Swift cannot call: one typed function for each type of argument. The
 * option has to match the type; a wrong pair is undefined behaviour, so only EasyHandle calls these. */

typedef size_t (*shipit_curl_sink)(char *bytes, size_t size, size_t count, void *context);

CURLcode shipit_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode shipit_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode shipit_curl_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode shipit_curl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode shipit_curl_set_bytes(CURL *handle, CURLoption option, const void *value);
CURLcode shipit_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode shipit_curl_set_sink(CURL *handle, CURLoption option, shipit_curl_sink value);

/* Macros made of other macros are not imported either. */
CURLcode shipit_curl_global_init(void);

#endif
