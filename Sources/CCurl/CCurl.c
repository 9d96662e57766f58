/* libcurl, loaded when it is first used: the functions that HTTP calls. */
#include "CCurl.h"

#include <CLazy.h>

#define LIBRARY "libcurl.so.4"
#define LAZY(type, name, parameters, arguments) SHIPIT_LAZY(LIBRARY, type, name, parameters, arguments)

LAZY(void, curl_easy_cleanup, (CURL *curl), (curl))
LAZY(CURL *, curl_easy_init, (void), ())
LAZY(CURLcode, curl_easy_pause, (CURL *handle, int bitmask), (handle, bitmask))
LAZY(const char *, curl_easy_strerror, (CURLcode a), (a))
LAZY(CURLcode, curl_global_init, (long flags), (flags))
LAZY(void, curl_free, (void *p), (p))
LAZY(CURLMcode, curl_multi_add_handle, (CURLM *multi_handle, CURL *curl_handle), (multi_handle, curl_handle))
LAZY(CURLMcode, curl_multi_cleanup, (CURLM *multi_handle), (multi_handle))
LAZY(CURLMsg *, curl_multi_info_read, (CURLM *multi_handle, int *msgs_in_queue), (multi_handle, msgs_in_queue))
LAZY(CURLM *, curl_multi_init, (void), ())
LAZY(CURLMcode, curl_multi_perform, (CURLM *multi_handle, int *running_handles), (multi_handle, running_handles))
LAZY(CURLMcode, curl_multi_poll,
     (CURLM *multi_handle, struct curl_waitfd *extra_fds, unsigned int extra_nfds, int timeout_ms, int *ret),
     (multi_handle, extra_fds, extra_nfds, timeout_ms, ret))
LAZY(CURLMcode, curl_multi_remove_handle, (CURLM *multi_handle, CURL *curl_handle), (multi_handle, curl_handle))
LAZY(CURLMcode, curl_multi_wakeup, (CURLM *multi_handle), (multi_handle))
LAZY(struct curl_slist *, curl_slist_append, (struct curl_slist *list, const char *data), (list, data))
LAZY(void, curl_slist_free_all, (struct curl_slist *list), (list))
LAZY(CURLU *, curl_url, (void), ())
LAZY(void, curl_url_cleanup, (CURLU *handle), (handle))
LAZY(CURLUcode, curl_url_get, (CURLU *handle, CURLUPart what, char **part, unsigned int flags), (handle, what, part, flags))
LAZY(CURLUcode, curl_url_set, (CURLU *handle, CURLUPart what, const char *part, unsigned int flags), (handle, what, part, flags))
LAZY(const char *, curl_url_strerror, (CURLUcode a), (a))

#define SETTER(name, type)                                                                            \
    SHIPIT_LAZY_AS(LIBRARY, CURLcode, shipit_curl_set_##name, curl_easy_setopt,                       \
                   (CURL *handle, CURLoption option, type value), (handle, option, value))

SETTER(long, long)
SETTER(offset, curl_off_t)
SETTER(text, const char *)
SETTER(pointer, void *)
SETTER(bytes, const void *)
SETTER(list, struct curl_slist *)
SETTER(sink, shipit_curl_sink)

CURLcode shipit_curl_global_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}
