/* libpq, loaded when it is first used: the functions that Postgres calls. */
#include "CPostgres.h"

#include <CLazy.h>

#define LAZY(type, name, parameters, arguments) SHIPIT_LAZY("libpq.so.5", type, name, parameters, arguments)

LAZY(int, PQbackendPID, (const PGconn *conn), (conn))
LAZY(int, PQcancel, (PGcancel *cancel, char *errbuf, int errbufsize), (cancel, errbuf, errbufsize))
LAZY(void, PQclear, (PGresult *res), (res))
LAZY(char *, PQcmdTuples, (PGresult *res), (res))
LAZY(PostgresPollingStatusType, PQconnectPoll, (PGconn *conn), (conn))
LAZY(PGconn *, PQconnectStartParams,
     (const char *const *keywords, const char *const *values, int expand_dbname), (keywords, values, expand_dbname))
LAZY(int, PQconnectionNeedsPassword, (const PGconn *conn), (conn))
LAZY(void, PQconninfoFree, (PQconninfoOption *connOptions), (connOptions))
LAZY(PQconninfoOption *, PQconninfoParse, (const char *conninfo, char **errmsg), (conninfo, errmsg))
LAZY(int, PQconsumeInput, (PGconn *conn), (conn))
LAZY(int, PQenterPipelineMode, (PGconn *conn), (conn))
LAZY(char *, PQerrorMessage, (const PGconn *conn), (conn))
LAZY(char *, PQescapeIdentifier, (PGconn *conn, const char *str, size_t len), (conn, str, len))
LAZY(int, PQexitPipelineMode, (PGconn *conn), (conn))
LAZY(void, PQfinish, (PGconn *conn), (conn))
LAZY(int, PQflush, (PGconn *conn), (conn))
LAZY(void, PQfreeCancel, (PGcancel *cancel), (cancel))
LAZY(void, PQfreemem, (void *ptr), (ptr))
LAZY(Oid, PQftype, (const PGresult *res, int field_num), (res, field_num))
LAZY(PGcancel *, PQgetCancel, (PGconn *conn), (conn))
LAZY(PGresult *, PQgetResult, (PGconn *conn), (conn))
LAZY(int, PQgetisnull, (const PGresult *res, int tup_num, int field_num), (res, tup_num, field_num))
LAZY(int, PQgetlength, (const PGresult *res, int tup_num, int field_num), (res, tup_num, field_num))
LAZY(char *, PQgetvalue, (const PGresult *res, int tup_num, int field_num), (res, tup_num, field_num))
LAZY(int, PQisBusy, (PGconn *conn), (conn))
LAZY(int, PQnfields, (const PGresult *res), (res))
LAZY(PGnotify *, PQnotifies, (PGconn *conn), (conn))
LAZY(int, PQntuples, (const PGresult *res), (res))
LAZY(int, PQpipelineSync, (PGconn *conn), (conn))
LAZY(char *, PQresultErrorField, (const PGresult *res, int fieldcode), (res, fieldcode))
LAZY(char *, PQresultErrorMessage, (const PGresult *res), (res))
LAZY(ExecStatusType, PQresultStatus, (const PGresult *res), (res))
LAZY(int, PQsendPrepare,
     (PGconn *conn, const char *stmtName, const char *query, int nParams, const Oid *paramTypes),
     (conn, stmtName, query, nParams, paramTypes))
LAZY(int, PQsendQuery, (PGconn *conn, const char *query), (conn, query))
LAZY(int, PQsendQueryParams,
     (PGconn *conn, const char *command, int nParams, const Oid *paramTypes, const char *const *paramValues,
      const int *paramLengths, const int *paramFormats, int resultFormat),
     (conn, command, nParams, paramTypes, paramValues, paramLengths, paramFormats, resultFormat))
LAZY(int, PQsendQueryPrepared,
     (PGconn *conn, const char *stmtName, int nParams, const char *const *paramValues, const int *paramLengths,
      const int *paramFormats, int resultFormat),
     (conn, stmtName, nParams, paramValues, paramLengths, paramFormats, resultFormat))
LAZY(PGVerbosity, PQsetErrorVerbosity, (PGconn *conn, PGVerbosity verbosity), (conn, verbosity))
LAZY(PQnoticeReceiver, PQsetNoticeReceiver, (PGconn *conn, PQnoticeReceiver proc, void *arg), (conn, proc, arg))
LAZY(int, PQsetnonblocking, (PGconn *conn, int arg), (conn, arg))
LAZY(int, PQsocket, (const PGconn *conn), (conn))
LAZY(ConnStatusType, PQstatus, (const PGconn *conn), (conn))
LAZY(PGTransactionStatusType, PQtransactionStatus, (const PGconn *conn), (conn))
LAZY(unsigned char *, PQunescapeBytea, (const unsigned char *strtext, size_t *retbuflen), (strtext, retbuflen))
