/*
 * postgres - a handler whose process keeps a connection to a database: PostgreSQL, by
 * libpq. Its response is the first value of the first row of a query.
 *
 * A process connects once, in child, which costs it some milliseconds and the database
 * a process. So the handler promises that its process can be used again, and a route
 * has processes that serve one client after the other:
 *
 *	{ path = "/time"; processes = { max = 8; requests = 1000; };
 *	  postgres = { host = "/run/postgresql"; user = "www"; database = "www";
 *	    query = "SELECT now()"; }; }
 *
 *	cc -fPIC -shared -fvisibility=hidden -Wl,-z,defs -Wl,-z,now \
 *	    -I"$(pg_config --includedir)" -o postgres.so postgres.c -lpq
 *
 * SPDX-License-Identifier: ISC
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include <prong/handler.h>

/* The port is one to connect to, so the sandbox permits it. A Unix socket needs
 * none. */
struct config {
	const char
	    *host; /* a name, an address, or the folder of a Unix socket */
	int64_t port;
	const char *user, *database, *query;
};

/* Zeroed at first. All clients of a process have it, one after the other: nothing of
 * one may stay in it, nor in the session of the database, as an open transaction or a
 * setting would. */
struct state {
	PGconn *connection;
};

/* libpq ends its messages by a line's end. */
static int
length_of_line(const char *message)
{
	return (int)strcspn(message, "\n");
}

/* What takes long is limited: max_request_time of the route holds for child, too.
 * Neither encryption nor a file with passwords is asked for: what libpq would open for
 * them the sandbox refuses. */
static PGconn *
connect_to(const struct config *c)
{
	char port[24];
	const char *const names[] = { "host", "port", "user", "dbname",
		"connect_timeout", "sslmode", "gssencmode", "passfile",
		"application_name", NULL };
	const char *const values[] = { c->host, port, c->user, c->database, "2",
		"disable", "disable", "/dev/null", "prong", NULL };

	snprintf(port, sizeof(port), "%" PRId64, c->port);
	return PQconnectdbParams(names, values, 0);
}

/* Before the first client is there. If it fails the process ends; the server tries
 * again, and clients that have waited for too long get the status 503. */
static int
begin(struct prong_child *child, const void *config)
{
	struct state *state = prong_child_state(child);
	const char *message;

	if (!state)
		return -1;
	state->connection = connect_to(config);
	if (PQstatus(state->connection) == CONNECTION_OK)
		return 0;
	message = PQerrorMessage(state->connection);
	prong_child_log(child, PRONG_LOG_ERROR, "cannot connect: %.*s",
	    length_of_line(message), message);
	PQfinish(state->connection);
	state->connection = NULL;
	return -1;
}

/* Whether the database has refused the query, and goes on: it says so itself, and does
 * not call it fatal. What libpq has found out has no severity; PQstatus may still be
 * CONNECTION_OK then. */
static int
is_of_query(const PGconn *connection, const PGresult *result)
{
	const char *severity = PQresultErrorField(result,
	    PG_DIAG_SEVERITY_NONLOCALIZED);

	return PQstatus(connection) == CONNECTION_OK && severity &&
	    strcmp(severity, "ERROR") == 0;
}

/* The status of the response. Without a connection the process is of no use: the next
 * client is served by another one, which connects anew. */
static int
fail(struct prong_request *r, const PGconn *connection, const PGresult *result)
{
	const char *message = PQerrorMessage(connection);

	prong_log(r, PRONG_LOG_ERROR, "the query has failed: %.*s",
	    length_of_line(message), message);
	if (is_of_query(connection, result))
		return 500;
	prong_retire(r);
	return 503;
}

static int
respond(struct prong_request *r, const PGresult *result)
{
	if (PQntuples(result) == 0 || PQnfields(result) == 0)
		return 404;
	prong_field(r, "Content-Type", "text/plain; charset=utf-8");
	prong_field(r, "Cache-Control", "no-store");
	prong_write(r, PQgetvalue(result, 0, 0),
	    (uint64_t)PQgetlength(result, 0, 0));
	prong_print(r, "\n");
	return PRONG_DONE;
}

static int
handle(struct prong_request *r, const void *config)
{
	const struct config *c = config;
	const struct state *state = prong_state(r);
	PGresult *result;
	int status;

	if (!state || !state->connection)
		return 503;
	result = PQexec(state->connection, c->query);
	status = PQresultStatus(result) == PGRES_TUPLES_OK ?
	    respond(r, result) :
	    fail(r, state->connection, result);
	PQclear(result);
	return status;
}

static const struct prong_option options[] = {
	PRONG_STRING(struct config, host, "127.0.0.1",
	    "name, address, or folder of a Unix socket"),
	PRONG_PORT(struct config, port, 5432, "of the database"),
	PRONG_STRING_REQUIRED(struct config, user, "of the database"),
	PRONG_STRING_REQUIRED(struct config, database, "its name"),
	PRONG_STRING_REQUIRED(struct config, query,
	    "its first value is the response"),
	PRONG_END,
};

PRONG_HANDLER(.name = "postgres", .summary = "serves a value of a database",
    .options = options, .config_size = sizeof(struct config),
    .state_size = sizeof(struct state), .methods = PRONG_GET,
    .needs = PRONG_NEEDS_NETWORK, .promises = PRONG_REUSES_PROCESS,
    .child = begin, .handle = handle);
