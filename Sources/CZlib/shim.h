#include <zlib.h>

// deflateInit2 is a macro, which Swift does not see. A window of 15 bits and 16 more: gzip's own header and end.
static inline int shipit_gzip_begin(z_stream *stream) {
    return deflateInit2(stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
}
