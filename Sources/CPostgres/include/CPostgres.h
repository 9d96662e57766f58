#include <postgresql/libpq-fe.h>

/// The fields of an error report that are used, as integers: Swift does not import character macros.
static inline int shipit_pg_sqlstate(void) { return PG_DIAG_SQLSTATE; }
static inline int shipit_pg_message(void) { return PG_DIAG_MESSAGE_PRIMARY; }
static inline int shipit_pg_detail(void) { return PG_DIAG_MESSAGE_DETAIL; }
static inline int shipit_pg_hint(void) { return PG_DIAG_MESSAGE_HINT; }
static inline int shipit_pg_position(void) { return PG_DIAG_STATEMENT_POSITION; }
