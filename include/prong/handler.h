/*
 * prong/handler.h - the contract between prong and a request handler.
 *
 * A handler is a shared object that exports one constant, the descriptor
 * which PRONG_HANDLER defines. It has no undefined symbols of prong's: every
 * function below is inline and calls through a table that the server hands
 * over, so a plugin links with -Wl,-z,defs and can be tested against a fake
 * server. C11 and C++17.
 *
 * Every connection has a process of its own. A handler may therefore block,
 * and what it breaks is that connection's alone. A handler that promises more
 * (PRONG_SHARES_PROCESS) may also serve in a process that serves other clients.
 *
 * SIGXCPU and the three highest real-time signals belong to the server, which
 * ends a handler by them that takes too long. One tells that the server's
 * generation has ended; a pause may then end early, with EINTR.
 *
 * Text is NUL-terminated UTF-8 or ASCII unless said otherwise. Pointers that
 * a request function returns live as long as the request.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HANDLER_H
#define PRONG_HANDLER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The ABI's number, which is not the release's. A plugin loads when the
 * majors are equal and its minor is not above the server's: structures and
 * tables only ever grow at their ends. 1.1 has promises in the descriptor, 1.2
 * prong_may_move, prong_pause, PRONG_REUSES_PROCESS, prong_retire, prong_turn,
 * prong_lend, prong_lend_file, prong_prepare and prong_prepared, 1.3
 * prong_request_id, prong_facts, prong_uncount and more statistics.
 */
#define PRONG_MAGIC	UINT64_C(0x70726f6e672f6831)
#define PRONG_ABI_MAJOR 1u
#define PRONG_ABI_MINOR 3u

/* What handle() returns; any other value is an HTTP status, 100 excepted. */
#define PRONG_DONE     0    /* answered */
#define PRONG_DECLINED (-1) /* the next handler of the route */
#define PRONG_MOVE     (-2) /* to a process of its own: see prong_may_move */

/*
 * Methods for the descriptor; 0 there means PRONG_GET. GET implies HEAD. The
 * server answers OPTIONS itself where no handler of the route answers it.
 * PRONG_GATE: the handler comes before others, to answer for them or to decline,
 * and is called for requests of every method; the methods beside it are those of
 * a route that has no other handlers. Bits that the server does not know are
 * refused when the plugin is loaded, here, in the needs and in options' flags.
 */
#define PRONG_GET	 (1u << 0)
#define PRONG_POST	 (1u << 1)
#define PRONG_PUT	 (1u << 2)
#define PRONG_DELETE	 (1u << 3)
#define PRONG_PATCH	 (1u << 4)
#define PRONG_OPTIONS	 (1u << 5)
#define PRONG_GATE	 (1u << 30)
#define PRONG_ANY_METHOD (1u << 31) /* unregistered ones too */

/* What a handler needs beyond files and its own process; nothing for most. A
 * system call that is not declared ends the process, and is named in the log.
 * Processes that it has started end with the connection. */
#define PRONG_NEEDS_NETWORK   (1u << 0) /* socket, connect: outward */
#define PRONG_NEEDS_PROCESSES (1u << 1) /* fork, exec */
#define PRONG_NEEDS_THREADS   (1u << 2)
/* Code that is not there when the connection begins: made by the process (a
 * JIT), or in libraries that it loads while it serves. A handler that has
 * declared the network can load libraries without this; one that has declared
 * processes can do both. */
#define PRONG_NEEDS_EXECUTABLE_MEMORY (1u << 3)

/*
 * What a handler promises; nothing for most. PRONG_SHARES_PROCESS: requests of
 * other clients may be served in the same process while this handler waits.
 * - It waits for its client in prong_read, prong_flush, prong_file and the
 *   functions that write (once more than 64 KiB are written) alone, and for
 *   nothing else that takes long, but by prong_pause or PRONG_MOVE.
 * - It needs at most 192 KiB of stack.
 * - From before such a wait until after it, it keeps nothing of a request in
 *   static memory, and no lock, locale, working folder, umask or errno.
 * - Its state (prong_state) is that of all clients of the process, and another
 *   request may have changed it after such a wait.
 * PRONG_REUSES_PROCESS: the process may serve other clients of the route
 * afterwards, one after the other.
 * - A request leaves nothing behind in the process that another client must not
 *   have: no secret, no user, no transaction, no open file, no memory.
 * - What stays, as in prong_state, is there for all clients: a connection to a
 *   database that child has made, say, or what was computed once.
 * - It starts no processes. When the process is of no use any more, as what
 *   child has made is broken, it says so by prong_retire.
 * A promise gives no right: prong-handler(7) says when a process is shared, or
 * used again. */
#define PRONG_SHARES_PROCESS (1u << 0)
#define PRONG_REUSES_PROCESS (1u << 1)

/*
 * What prong_facts tells, one bit each. PRONG_FACT_ALLOW: allow is set for the
 * route, by itself, its site or the server, and admits the client.
 * PRONG_FACT_HOST: the host that was asked for is among the hosts of the site.
 * PRONG_FACT_PROXY: the peer is one of trusted_proxies. PRONG_FACT_UNNAMED: it is,
 * and has not named its client by the PROXY protocol, so that the client's address
 * is the proxy's. PRONG_FACT_RESERVED: the connection came to status_listen.
 * PRONG_FACT_ENDS: the process is to end, and waits for this request.
 */
#define PRONG_FACT_ALLOW    (1u << 0)
#define PRONG_FACT_HOST	    (1u << 1)
#define PRONG_FACT_PROXY    (1u << 2)
#define PRONG_FACT_UNNAMED  (1u << 3)
#define PRONG_FACT_RESERVED (1u << 4)
#define PRONG_FACT_ENDS	    (1u << 5)

/* Levels for prong_log and its kin. */
#define PRONG_LOG_ERROR	  0
#define PRONG_LOG_WARNING 1
#define PRONG_LOG_INFO	  2
#define PRONG_LOG_DEBUG	  3

#if defined(__GNUC__)
#define PRONG_PRINTF(f, a) __attribute__((__format__(__printf__, f, a)))
#define PRONG_UNUSED	   __attribute__((__unused__))
#define PRONG_EXPORT	   __attribute__((__visibility__("default")))
#else
#define PRONG_PRINTF(f, a)
#define PRONG_UNUSED
#define PRONG_EXPORT
#endif

/*
 * Options: what a route's configuration may say to the handler. The server
 * reads them, reports errors with file and line, and fills the handler's own
 * structure, so that open() and handle() see checked values only.
 */
#define PRONG_TYPE_STRING 1u /* const char *, NULL when not set */
#define PRONG_TYPE_BOOL	  2u /* int32_t, 0 or 1 */
#define PRONG_TYPE_INT	  3u /* int64_t */
#define PRONG_TYPE_SIZE	  4u /* int64_t, bytes; "64 KiB" */
#define PRONG_TYPE_TIME	  5u /* int64_t, milliseconds; "10 s" */
#define PRONG_TYPE_CHOICE 6u /* int32_t, index into the choices */
#define PRONG_TYPE_PATH	  7u /* const char *, absolute */
#define PRONG_TYPE_SECRET \
	8u		       /* int32_t, a descriptor open for
					   reading, -1 when not set */
#define PRONG_TYPE_STRINGS 9u  /* struct prong_strings */
#define PRONG_TYPE_PATHS   10u /* struct prong_strings, absolute */
#define PRONG_TYPE_GROUP   11u /* the member structure itself */
#define PRONG_TYPE_GROUPS  12u /* struct prong_groups */

/* What the handler does with a path option: this makes its sandbox. */
#define PRONG_READ	    (1u << 0)
#define PRONG_WRITE	    (1u << 1) /* create and change */
#define PRONG_EXECUTE	    (1u << 2)
#define PRONG_FOLDER	    (1u << 3) /* must be a folder */
#define PRONG_MAY_BE_ABSENT (1u << 4) /* need not exist yet */
#define PRONG_REQUIRED	    (1u << 5) /* must be set */

/* For an INT: a TCP port that the handler connects to. */
#define PRONG_CONNECT (1u << 6)

/* A list of strings or paths. */
struct prong_strings {
	const char *const *items;
	uint64_t count;
};

/* A list of groups: count structures of the member size, one by one. */
struct prong_groups {
	const void *items;
	uint64_t count;
};

struct prong_option {
	const char *name;
	uint32_t type;		  /* PRONG_TYPE_... */
	uint32_t flags;		  /* PRONG_READ ... PRONG_REQUIRED */
	uint64_t offset;	  /* of the member */
	uint64_t member_size;	  /* its size, checked with the type */
	const char *default_text; /* as in the configuration, or NULL */
	const char *help;	  /* one line */
	const struct prong_option *members; /* GROUP, GROUPS */
	uint64_t group_size;		    /* of one group's structure */
	const char *const *choices;	    /* CHOICE: names, then NULL */
	int64_t default_number;		    /* BOOL, INT */
	/* INT, SIZE, TIME; both 0: without limits. A default is within them,
	 * but for a port, a size or a time of 0: not set. */
	int64_t minimum, maximum;
};

#define PRONG_OPTION_(T, m, type, flags, text, help, members, size, choices, \
    number, min, max) \
	{ \
#m, type, flags, offsetof(T, m), sizeof(((T *)0)->m), text, \
		    help, members, size, choices, number, min, max \
	}
#define PRONG_PLAIN_(T, m, type, flags, text, number, min, max, help) \
	PRONG_OPTION_(T, m, type, flags, text, help, NULL, 0, NULL, number, \
	    min, max)

#define PRONG_STRING(T, m, text, help) \
	PRONG_PLAIN_(T, m, PRONG_TYPE_STRING, 0, text, 0, 0, 0, help)
#define PRONG_STRING_REQUIRED(T, m, help) \
	PRONG_PLAIN_(T, m, PRONG_TYPE_STRING, PRONG_REQUIRED, NULL, 0, 0, 0, \
	    help)
#define PRONG_BOOL(T, m, value, help) \
	PRONG_PLAIN_(T, m, PRONG_TYPE_BOOL, 0, NULL, value, 0, 1, help)
#define PRONG_INT(T, m, value, min, max, help) \
	PRONG_PLAIN_(T, m, PRONG_TYPE_INT, 0, NULL, value, min, max, help)
#define PRONG_PORT(T, m, value, help) \
	PRONG_PLAIN_(T, m, PRONG_TYPE_INT, PRONG_CONNECT, NULL, value, 1, \
	    65535, help)
#define PRONG_INT_REQUIRED(T, m, min, max, help) \
	PRONG_PLAIN_(T, m, PRONG_TYPE_INT, PRONG_REQUIRED, NULL, 0, min, max, \
	    help)
/* The default of a size or a time is text with a unit; NULL means 0. */
#define PRONG_SIZE(T, m, text, min, max, help) \
	PRONG_PLAIN_(T, m, PRONG_TYPE_SIZE, 0, text, 0, min, max, help)
#define PRONG_TIME(T, m, text, min_ms, max_ms, help) \
	PRONG_PLAIN_(T, m, PRONG_TYPE_TIME, 0, text, 0, min_ms, max_ms, help)
/* choices is a NULL-terminated array of names, text the default's name. */
#define PRONG_CHOICE(T, m, choices, text, help) \
	PRONG_OPTION_(T, m, PRONG_TYPE_CHOICE, 0, text, help, NULL, 0, \
	    choices, 0, 0, 0)
#define PRONG_PATH(T, m, flags, text, help) \
	PRONG_PLAIN_(T, m, PRONG_TYPE_PATH, flags, text, 0, 0, 0, help)
/* Read by prong before privileges are dropped; arrives as a descriptor. */
#define PRONG_SECRET(T, m, flags, help) \
	PRONG_PLAIN_(T, m, PRONG_TYPE_SECRET, (flags) | PRONG_READ, NULL, 0, \
	    0, 0, help)
#define PRONG_STRINGS(T, m, help) \
	PRONG_PLAIN_(T, m, PRONG_TYPE_STRINGS, 0, NULL, 0, 0, 0, help)
#define PRONG_PATHS(T, m, flags, help) \
	PRONG_PLAIN_(T, m, PRONG_TYPE_PATHS, flags, NULL, 0, 0, 0, help)
/* M is the structure of the group, members its table of options. */
#define PRONG_GROUP(T, m, M, members, help) \
	PRONG_OPTION_(T, m, PRONG_TYPE_GROUP, 0, NULL, help, members, \
	    sizeof(M), NULL, 0, 0, 0)
#define PRONG_GROUPS(T, m, M, members, help) \
	PRONG_OPTION_(T, m, PRONG_TYPE_GROUPS, 0, NULL, help, members, \
	    sizeof(M), NULL, 0, 0, 0)
#define PRONG_END \
	{ \
		NULL, 0, 0, 0, 0, NULL, NULL, NULL, 0, NULL, 0, 0, 0 \
	}

/*
 * What a handler lends to responses instead of giving it away: memory, or an open
 * file. It has the structure beside what is lent, with release set and the rest 0,
 * and lends that as often as it likes, also while it is lent. release is called
 * once for each time.
 */
struct prong_loan {
	void (*release)(struct prong_loan *loan);
	uint64_t server[4]; /* the server's notes of what is lent */
};

/* The three contexts: opaque, but for the table they begin with. */
struct prong_request {
	const struct prong_request_api *api;
};
struct prong_opening {
	const struct prong_opening_api *api;
};
struct prong_child {
	const struct prong_child_api *api;
};

/*
 * The descriptor. open runs once in each generation, before any client is
 * served; for a route with fresh = true it runs once in the process of each
 * connection instead, within the sandbox. It may change the configuration structure (to keep what it opened
 * or computed there); it returns 0, or -1 after prong_open_error. child runs
 * in a connection's process before this handler's first request there and
 * returns 0, or -1 to have the request answered 500; in a process that serves one
 * client after the other it runs before the first one, and after -1 another process
 * is tried later. handle answers a request. All but handle may be NULL.
 */
struct prong_handler {
	uint64_t magic;
	uint32_t abi_major, abi_minor;
	uint64_t size;	      /* of this structure */
	uint64_t option_size; /* of struct prong_option */
	const char *name;     /* [a-z][a-z0-9_-]*, the file's name */
	const char *summary;  /* one line */
	const struct prong_option *options;
	uint64_t config_size; /* of the structure they fill */
	uint64_t state_size;  /* zeroed memory a process, a route */
	uint64_t methods;     /* PRONG_GET ... */
	uint64_t needs;	      /* PRONG_NEEDS_... */
	int (*open)(struct prong_opening *opening, void *config);
	int (*child)(struct prong_child *child, const void *config);
	int (*handle)(struct prong_request *request, const void *config);
	uint64_t promises; /* PRONG_SHARES_PROCESS ...; since ABI 1.1 */
};

/* Sizes of tables in the structures below. Methods are GET, HEAD, POST, PUT, DELETE,
 * PATCH, OPTIONS and all others; errors 400, 404, 408, 413, 500, 503, other 4xx and
 * other 5xx; reasons of refusals: connections that have waited too long while there
 * were as many as there may be; as many of the client, or of its network; a penalty;
 * and requests for a route all of whose processes are busy. */
#define PRONG_STATS_METHODS  8
#define PRONG_STATS_ERRORS   8
#define PRONG_STATS_REFUSALS 5
#define PRONG_STATS_BUCKETS  94

/* What prong_server_stats fills; times are seconds since 1970. */
struct prong_server_stats {
	int64_t started; /* master */
	int64_t generation_started;
	uint64_t generation; /* counts from 1 */
	uint64_t master_pid, generation_pid;
	uint64_t connections_now, connections_max;
	uint64_t connections_total;   /* accepted */
	uint64_t connections_refused; /* by a ceiling */
	uint64_t connections_crashed; /* ended by a signal not prong's */
	uint64_t requests_total;
	uint64_t bytes_received, bytes_sent;
	uint64_t responses[6]; /* by class: [2] counts 2xx */
	const char *version;
	uint64_t log_lines_dropped; /* of the access log */
	uint64_t is_leaving;	    /* 1: it stops soon, send it no more */
	/* Seconds since the starts, whatever the clock was set to. */
	int64_t uptime, generation_uptime;
	/* Since ABI 1.3. */
	int64_t time_ms; /* now, since 1970 */
	uint64_t methods[PRONG_STATS_METHODS];
	uint64_t errors[PRONG_STATS_ERRORS];
	uint64_t refusals[PRONG_STATS_REFUSALS];
	/* Processes whose counts were left out, as they cannot be true. */
	uint64_t pages_discarded;
};

/* One connection being served, as prong_connection_stats tells it. */
struct prong_connection_stats {
	uint64_t pid;
	uint64_t requests; /* begun on this connection */
	uint64_t bytes_sent;
	int64_t since;	       /* accepted */
	int64_t request_since; /* 0 between requests */
	char state[16];	       /* "reading", "handling", ... */
	char client[64];       /* "192.0.2.1:4711" */
	char request[256];     /* "GET /path HTTP/1.1", cut */
	char handler[32];
	int64_t age, request_age; /* seconds, whatever the clock was set to */
	/* Since ABI 1.3. */
	char kind[8];	/* of its process: "own", "worker", "shared", "pool" */
	char route[64]; /* of the handler, cut; "": none */
	uint64_t bytes_received;
	int64_t cpu_ms; /* of its process; -1: unknown, or of many */
};

/* A generation of the server, as prong_generation_stats tells it; since ABI 1.3. */
struct prong_generation_stats {
	uint64_t number, pid;
	int64_t started, uptime; /* seconds since 1970, seconds */
	char state[16];		 /* "starting", "serving", "draining" */
	uint64_t connections;	 /* UINT64_MAX: unknown */
};

/* A process with more than one client, as prong_process_stats tells it; since ABI
 * 1.3. */
struct prong_process_stats {
	char kind[8];	/* "worker", "shared", "pool" */
	char route[64]; /* of a pool, cut */
	uint64_t pid;
	int64_t age; /* seconds */
	uint64_t connections, requests;
	int64_t cpu_ms; /* -1: unknown */
	char state[16]; /* "serving", "draining" */
};

/* The last start, reload, upgrade or replacement of a generation, and how many there
 * were; since ABI 1.3. */
struct prong_reload_stats {
	int64_t time;  /* of its end, seconds since 1970; 0: none has ended */
	char kind[16]; /* "start", "reload", "upgrade", "replacement" */
	uint64_t has_failed, took_ms;
	char message[256];
	uint64_t succeeded_total, failed_total;
};

/* A handler of the configuration, as prong_handler_stats tells it. */
struct prong_handler_stats {
	uint64_t crashes; /* in this generation */
	char name[32];
	/* Since ABI 1.3: of all generations. Names in parentheses stand for requests
	 * without a handler, and for handlers beyond the number of those that are
	 * counted apart. */
	char route[64];	       /* "": of all routes */
	uint64_t responses[6]; /* [0]: the client has closed before */
	uint64_t latency_sum_us, latency_max_us;
	uint64_t latency[PRONG_STATS_BUCKETS]; /* prong_stats_bound_us */
	uint64_t crashes_total;
	uint64_t limits;   /* its processes that were ended at a limit */
	uint64_t refusals; /* calls that the sandbox has refused */
	/* The last crash; time 0: none. Its process has written the texts. */
	int64_t crash_time;
	uint64_t crash_signal, crash_pid;
	char crash_client[64], crash_request[256], crash_id[64];
	/* A slow request, one of the last minute or the slowest since. */
	int64_t slow_time;
	uint64_t slow_us;
	char slow_id[64];
};

/* Requests that took less are counted in latency[i], and not before: microseconds;
 * UINT64_MAX for the last one. */
static inline uint64_t
prong_stats_bound_us(uint64_t i)
{
	if (i == 0)
		return 8;
	if (i >= PRONG_STATS_BUCKETS - 1)
		return UINT64_MAX;
	return ((i - 1) % 4 + 5) << ((i - 1) / 4 + 1);
}

/* A few seconds of the server, as prong_history tells them; since ABI 1.3. */
struct prong_sample {
	int64_t time_ms, interval_ms; /* its end, since 1970, and its length */
	uint64_t requests, responses_4xx, responses_5xx, refused;
	uint64_t bytes_received, bytes_sent;
	uint64_t connections;	 /* at its end */
	uint64_t p50_us, p99_us; /* of durations; 0: there was no request */
};

/*
 * The tables. Plugins call the inline functions below, which say what each
 * one does; fake servers in tests fill these.
 */
struct prong_request_api {
	uint64_t size; /* of this table */
	const char *(*method)(struct prong_request *);
	const char *(*target)(struct prong_request *);
	const char *(*path)(struct prong_request *);
	const char *(*path_info)(struct prong_request *);
	const char *(*route)(struct prong_request *);
	const char *(*query_string)(struct prong_request *);
	const char *(*query)(struct prong_request *, const char *name);
	const char *(*request_field)(struct prong_request *, const char *name);
	int32_t (*request_field_at)(struct prong_request *, uint64_t index,
	    const char **name, const char **value);
	const char *(*protocol)(struct prong_request *);
	const char *(*scheme)(struct prong_request *);
	const char *(*host)(struct prong_request *);
	const char *(*client)(struct prong_request *, int32_t *port);
	const char *(*server)(struct prong_request *, int32_t *port);
	int64_t (*body_length)(struct prong_request *);
	int64_t (*read)(struct prong_request *, void *buffer, uint64_t size);
	void (*status)(struct prong_request *, int32_t status);
	int32_t (*field)(struct prong_request *, const char *name,
	    const char *value);
	int32_t (*field_add)(struct prong_request *, const char *name,
	    const char *value);
	void (*etag)(struct prong_request *, const char *tag, int32_t weak);
	void (*last_modified)(struct prong_request *, int64_t seconds);
	void (*length)(struct prong_request *, uint64_t bytes);
	int32_t (*write)(struct prong_request *, const void *data,
	    uint64_t length);
	int32_t (*vprintf)(struct prong_request *, const char *format,
	    va_list ap);
	int32_t (*file)(struct prong_request *, int32_t fd, uint64_t offset,
	    uint64_t length);
	int32_t (*flush)(struct prong_request *);
	void *(*alloc)(struct prong_request *, uint64_t size);
	void *(*state)(struct prong_request *);
	const char *(*note)(struct prong_request *, const char *name);
	int32_t (*set_note)(struct prong_request *, const char *name,
	    const char *value);
	void (*vlog)(struct prong_request *, int32_t level, const char *format,
	    va_list ap);
	int32_t (*open)(struct prong_request *, const char *path,
	    int32_t flags);
	int32_t (*server_stats)(struct prong_request *,
	    struct prong_server_stats *, uint64_t size);
	int32_t (*connection_stats)(struct prong_request *, uint64_t *cursor,
	    struct prong_connection_stats *, uint64_t size);
	int32_t (*handler_stats)(struct prong_request *, uint64_t *cursor,
	    struct prong_handler_stats *, uint64_t size);
	/* Since ABI 1.2. */
	int32_t (*may_move)(struct prong_request *);
	int32_t (*pause)(struct prong_request *, uint64_t ms);
	void (*retire)(struct prong_request *);
	uint64_t (*turn)(struct prong_request *);
	int32_t (*lend)(struct prong_request *, struct prong_loan *,
	    const void *data, uint64_t length);
	int32_t (*lend_file)(struct prong_request *, struct prong_loan *,
	    int32_t fd, uint64_t offset, uint64_t length);
	uint64_t (*prepare)(struct prong_request *, void *memory,
	    uint64_t size);
	int32_t (*prepared)(struct prong_request *, const void *memory);
	/* Since ABI 1.3. */
	const char *(*request_id)(struct prong_request *);
	int32_t (*history)(struct prong_request *, uint64_t *cursor,
	    struct prong_sample *, uint64_t size);
	int32_t (*generation_stats)(struct prong_request *, uint64_t *cursor,
	    struct prong_generation_stats *, uint64_t size);
	int32_t (*process_stats)(struct prong_request *, uint64_t *cursor,
	    struct prong_process_stats *, uint64_t size);
	int32_t (*reload_stats)(struct prong_request *,
	    struct prong_reload_stats *, uint64_t size);
	uint64_t (*facts)(struct prong_request *);
	void (*uncount)(struct prong_request *);
};

struct prong_opening_api {
	uint64_t size;
	int32_t (*is_test)(struct prong_opening *);
	const char *(*route)(struct prong_opening *);
	void (*verror)(struct prong_opening *, const char *option,
	    const char *format, va_list ap);
	void (*vlog)(struct prong_opening *, int32_t level, const char *format,
	    va_list ap);
	void *(*alloc)(struct prong_opening *, uint64_t size);
	void *(*shared)(struct prong_opening *, uint64_t size);
};

struct prong_child_api {
	uint64_t size;
	void *(*state)(struct prong_child *);
	void (*vlog)(struct prong_child *, int32_t level, const char *format,
	    va_list ap);
};

/* The request. */

/* "GET"; case-sensitive (RFC 9110 9.1). */
static inline const char *
prong_method(struct prong_request *r)
{
	return r->api->method(r);
}

/* The request target as it was sent, but for octets that the client should have
 * encoded: they are, in "%41" (see target in prongd.conf(5)), so that it may be
 * three times as long as the request line was. */
static inline const char *
prong_target(struct prong_request *r)
{
	return r->api->target(r);
}

/* The path, decoded and normalised once: "/a b/c". Holds no NUL, and no
 * segment that is "." or "..". In a route with encoded_slash = "keep", "%2F" and
 * "%25" are not decoded, and "%" is nothing else. */
static inline const char *
prong_path(struct prong_request *r)
{
	return r->api->path(r);
}

/* What follows the route in the path: "" or a text that begins with "/". */
static inline const char *
prong_path_info(struct prong_request *r)
{
	return r->api->path_info(r);
}

/* The route's path as configured. */
static inline const char *
prong_route(struct prong_request *r)
{
	return r->api->route(r);
}

/* The query as in prong_target, without "?"; NULL when there is none. */
static inline const char *
prong_query_string(struct prong_request *r)
{
	return r->api->query_string(r);
}

/* The first value of that name in the query, decoded; NULL when absent. */
static inline const char *
prong_query(struct prong_request *r, const char *name)
{
	return r->api->query(r, name);
}

/* A request field's value, its lines joined by ", " (RFC 9110 5.3); NULL when
 * absent. Names are case-insensitive. */
static inline const char *
prong_request_field(struct prong_request *r, const char *name)
{
	return r->api->request_field(r, name);
}

/* The field line of that index, in the order sent: 1, or 0 past the last. */
static inline int
prong_request_field_at(struct prong_request *r, uint64_t index,
    const char **name, const char **value)
{
	return r->api->request_field_at(r, index, name, value);
}

/* "HTTP/1.1". */
static inline const char *
prong_protocol(struct prong_request *r)
{
	return r->api->protocol(r);
}

/* "http" or "https". */
static inline const char *
prong_scheme(struct prong_request *r)
{
	return r->api->scheme(r);
}

/* The host asked for, without port; "" when an HTTP/1.0 client named none. */
static inline const char *
prong_host(struct prong_request *r)
{
	return r->api->host(r);
}

/* The client's numeric address; "" for a Unix socket. port may be NULL. */
static inline const char *
prong_client(struct prong_request *r, int32_t *port)
{
	return r->api->client(r, port);
}

/* The address that the client reached, likewise. */
static inline const char *
prong_server(struct prong_request *r, int32_t *port)
{
	return r->api->server(r, port);
}

/* What the server knows of the request beyond what was sent: PRONG_FACT_... */
static inline uint64_t
prong_facts(struct prong_request *r)
{
	return r->api->facts(r);
}

/* Leaves the request out of all counts and times of the server but those of octets,
 * as it would change what it shows. The access log has it. To be called before the
 * handler waits. */
static inline void
prong_uncount(struct prong_request *r)
{
	r->api->uncount(r);
}

/* Octets of the request's body; -1 when it is chunked, 0 when there is none. */
static inline int64_t
prong_body_length(struct prong_request *r)
{
	return r->api->body_length(r);
}

/* Reads the body's next octets, at most size: their number, 0 at the end, -1
 * when the body cannot be had (too large, malformed, too slow, client gone).
 * After -1 the handler returns; the server knows what to answer. A client that
 * waits for 100 (Continue) is sent it at the first call. */
static inline int64_t
prong_read(struct prong_request *r, void *buffer, uint64_t size)
{
	return r->api->read(r, buffer, size);
}

/* The answer. */

/* Sets the status, 200 to 599; 200 when never called. The log says once if the
 * response lacks what the status demands: Location, Allow, WWW-Authenticate. */
static inline void
prong_status(struct prong_request *r, int status)
{
	r->api->status(r, status);
}

/* Sets a response field, replacing what was set; NULL removes it. -1 when the
 * name is no token, the value has a control character, the field is the
 * server's business (Connection, Content-Length, Date, Transfer-Encoding,
 * Keep-Alive, Upgrade, Trailer), or the answer has begun. */
static inline int
prong_field(struct prong_request *r, const char *name, const char *value)
{
	return r->api->field(r, name, value);
}

/* Adds a field line beside those of the same name, as for Set-Cookie. */
static inline int
prong_field_add(struct prong_request *r, const char *name, const char *value)
{
	return r->api->field_add(r, name, value);
}

/* Names the representation: the opaque tag without quotes (RFC 9110 8.8.3).
 * With it, conditional requests and ranges are the server's work. */
static inline void
prong_etag(struct prong_request *r, const char *tag, int weak)
{
	r->api->etag(r, tag, weak);
}

/* When the representation last changed, in seconds since 1970. */
static inline void
prong_last_modified(struct prong_request *r, int64_t seconds)
{
	r->api->last_modified(r, seconds);
}

/* Puts all that was set so far, which is fields, one of them Content-Type, and an
 * entity tag, into a block for further responses: its octets, or 0 when size is too
 * small (some 1,200 are enough for the usual fields) or a block is of no use. memory is
 * aligned for a uint64_t; so is a copy of the block. A block is for the same route, in
 * the same process. */
static inline uint64_t
prong_prepare(struct prong_request *r, void *memory, uint64_t size)
{
	return r->api->prepare(r, memory, size);
}

/* Sets all that the block has; the memory is not needed afterwards. 0, or -1 when
 * something was set already. What is set later replaces it, and conditions, ranges and
 * the settings of the route work as without it. */
static inline int
prong_prepared(struct prong_request *r, const void *memory)
{
	return r->api->prepared(r, memory);
}

/* Promises the length of what will be written, for long answers; short ones
 * need no promise. An answer that ends short of it is cut, not ended. */
static inline void
prong_length(struct prong_request *r, uint64_t bytes)
{
	r->api->length(r, bytes);
}

/* Appends to the answer. 0, or -1 when nothing more is wanted, since the client
 * has gone or has all that it asked for: then return. Text is what an answer
 * without a Content-Type is taken for. */
static inline int
prong_write(struct prong_request *r, const void *data, uint64_t length)
{
	return r->api->write(r, data, length);
}

/* Appends a string. */
static inline int
prong_print(struct prong_request *r, const char *text)
{
	return r->api->write(r, text, strlen(text));
}

static inline int
prong_vprintf(struct prong_request *r, const char *format, va_list ap)
{
	return r->api->vprintf(r, format, ap);
}

/* Appends formatted text. */
PRONG_PRINTF(2, 3)
PRONG_UNUSED
static int
prong_printf(struct prong_request *r, const char *format, ...)
{
	va_list ap;
	int result;

	va_start(ap, format);
	result = r->api->vprintf(r, format, ap);
	va_end(ap);
	return result;
}

/* Appends a range of an open file. The descriptor is the server's from here
 * on, whatever is returned; it is closed when the answer is sent. */
static inline int
prong_file(struct prong_request *r, int fd, uint64_t offset, uint64_t length)
{
	return r->api->file(r, fd, offset, length);
}

/* Appends memory of the handler without a copy. It stays as it is until release is
 * called, which may be before this function returns, whatever it returns; or not
 * before the response is sent, after handle has returned. */
static inline int
prong_lend(struct prong_request *r, struct prong_loan *loan, const void *data,
    uint64_t length)
{
	return r->api->lend(r, loan, data, length);
}

/* Appends a range of an open file that stays the handler's, likewise: it is open
 * until release is called. A loan is of one file. */
static inline int
prong_lend_file(struct prong_request *r, struct prong_loan *loan, int fd,
    uint64_t offset, uint64_t length)
{
	return r->api->lend_file(r, loan, fd, offset, length);
}

/* Sends what was written so far. Ends the chance to change status and fields
 * and, unless prong_length was called, to answer with a known length. */
static inline int
prong_flush(struct prong_request *r)
{
	return r->api->flush(r);
}

/* Memory of the request's, zeroed, freed with it; NULL when there is none. */
static inline void *
prong_alloc(struct prong_request *r, uint64_t size)
{
	return r->api->alloc(r, size);
}

/* The state_size octets of this handler, this route, this process; NULL when
 * there is no memory for them. The process is that of one connection, unless the
 * handler has promised to share it. */
static inline void *
prong_state(struct prong_request *r)
{
	return r->api->state(r);
}

/* What a handler before this one noted (the user's name, say), or NULL. */
static inline const char *
prong_note(struct prong_request *r, const char *name)
{
	return r->api->note(r, name);
}

/* Notes something for the handlers after this one. Survives declining, as
 * response fields do not. */
static inline int
prong_set_note(struct prong_request *r, const char *name, const char *value)
{
	return r->api->set_note(r, name, value);
}

/* Writes a line to the error log, with the client and the request. */
PRONG_PRINTF(3, 4)
PRONG_UNUSED static void
prong_log(struct prong_request *r, int level, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	r->api->vlog(r, level, format, ap);
	va_end(ap);
}

/* open(2) with O_CLOEXEC and O_NONBLOCK; a refusal by the sandbox is logged
 * with what would permit it. A descriptor, or -1 and errno. */
static inline int
prong_open(struct prong_request *r, const char *path, int flags)
{
	return r->api->open(r, path, flags);
}

/* What the server has done so far: 0, or -1 where nothing is counted. */
static inline int
prong_server_stats(struct prong_request *r, struct prong_server_stats *stats)
{
	return r->api->server_stats(r, stats, sizeof(*stats));
}

/* The connections being served, one a call: 1, or 0 past the last. The cursor
 * begins at 0. */
static inline int
prong_connection_stats(struct prong_request *r, uint64_t *cursor,
    struct prong_connection_stats *stats)
{
	return r->api->connection_stats(r, cursor, stats, sizeof(*stats));
}

/* Whether other clients are served in this process, and the request can move to a
 * process of its own: nothing of the response was sent, and nothing of the body was
 * read. A handler that has to wait for anything but its client returns PRONG_MOVE
 * then. The handlers of the route are called from the first one on in the other
 * process, where this is 0. */
static inline int
prong_may_move(struct prong_request *r)
{
	return r->api->may_move(r);
}

/* A pause of the handler, in which others that share the process are served; 0 ms:
 * those of them that need not wait have their turn. -1 when the handler is beyond a
 * limit of time: then return. */
static inline int
prong_pause(struct prong_request *r, uint64_t ms)
{
	return r->api->pause(r, ms);
}

/* The process is of no use for other clients any more, as the connection to a
 * database is broken, say. It serves this request, and ends when its client has no
 * other one. To be called before the handler returns. */
static inline void
prong_retire(struct prong_request *r)
{
	r->api->retire(r);
}

/* A number that requests have in common which had all begun to arrive before the
 * first of them was handled, in this process. So what a handler has found out for one
 * of them, as by stat(2), is not older than the others. 0: nothing is known of this
 * request. The number changes when the handler waits. */
static inline uint64_t
prong_turn(struct prong_request *r)
{
	return r->api->turn(r);
}

/* The id of the request, as the logs have it, [A-Za-z0-9._-]{1,64}: that of a
 * trusted proxy, or else 32 lower-case hexadecimal digits, which may be the
 * trace-id of traceparent. "" when there is no memory. It is no secret. */
static inline const char *
prong_request_id(struct prong_request *r)
{
	return r->api->request_id(r);
}

/* The handlers of the configuration, likewise. */
static inline int
prong_handler_stats(struct prong_request *r, uint64_t *cursor,
    struct prong_handler_stats *stats)
{
	return r->api->handler_stats(r, cursor, stats, sizeof(*stats));
}

/* The last five minutes, one sample a call, the eldest first: 1, or 0 past the
 * last. The cursor begins at 0. */
static inline int
prong_history(struct prong_request *r, uint64_t *cursor,
    struct prong_sample *sample)
{
	return r->api->history(r, cursor, sample, sizeof(*sample));
}

/* The generations of the server, and the processes that have more than one client,
 * likewise. */
static inline int
prong_generation_stats(struct prong_request *r, uint64_t *cursor,
    struct prong_generation_stats *stats)
{
	return r->api->generation_stats(r, cursor, stats, sizeof(*stats));
}

static inline int
prong_process_stats(struct prong_request *r, uint64_t *cursor,
    struct prong_process_stats *stats)
{
	return r->api->process_stats(r, cursor, stats, sizeof(*stats));
}

/* The last reload: 0, or -1 where it is not known. */
static inline int
prong_reload_stats(struct prong_request *r, struct prong_reload_stats *stats)
{
	return r->api->reload_stats(r, stats, sizeof(*stats));
}

/* In open(). */

/* True when this is a check of the configuration and nothing will be served:
 * touch nothing then. */
static inline int
prong_is_test(struct prong_opening *o)
{
	return o->api->is_test(o);
}

/* The path of the route being opened. */
static inline const char *
prong_opening_route(struct prong_opening *o)
{
	return o->api->route(o);
}

/* Reports an error at an option's line ("root", "rules.[1].status"); NULL for
 * the handler's own. Then return -1. */
PRONG_PRINTF(3, 4)
PRONG_UNUSED static void
prong_open_error(struct prong_opening *o, const char *option,
    const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	o->api->verror(o, option, format, ap);
	va_end(ap);
}

PRONG_PRINTF(3, 4)
PRONG_UNUSED static void
prong_open_log(struct prong_opening *o, int level, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	o->api->vlog(o, level, format, ap);
	va_end(ap);
}

/* Zeroed memory that lives as long as the generation, a copy in each
 * connection. */
static inline void *
prong_open_alloc(struct prong_opening *o, uint64_t size)
{
	return o->api->alloc(o, size);
}

/* Zeroed memory that all connections of the generation share: for counters,
 * with atomic operations. What is in it may come from a broken process. */
static inline void *
prong_open_shared(struct prong_opening *o, uint64_t size)
{
	return o->api->shared(o, size);
}

/* In child(). */

static inline void *
prong_child_state(struct prong_child *c)
{
	return c->api->state(c);
}

PRONG_PRINTF(3, 4)
PRONG_UNUSED static void
prong_child_log(struct prong_child *c, int level, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	c->api->vlog(c, level, format, ap);
	va_end(ap);
}

/* The one symbol that a plugin exports. A handler that is linked into a static
 * prongd has another one, which the build defines: NAME_LTX_prong_handler. */
#ifndef PRONG_HANDLER_SYMBOL
#define PRONG_HANDLER_SYMBOL prong_handler
#endif
extern PRONG_EXPORT const struct prong_handler PRONG_HANDLER_SYMBOL;

#ifdef __cplusplus
}
#endif

#define PRONG_ABI_ \
	PRONG_MAGIC, PRONG_ABI_MAJOR, PRONG_ABI_MINOR, \
	    sizeof(struct prong_handler), sizeof(struct prong_option)

/*
 * PRONG_HANDLER(.name = "hello", .handle = hello); defines the descriptor, in
 * constant data: it is checked before any function of the plugin is called.
 */
#ifndef __cplusplus
#define PRONG_HANDLER(...) \
	const struct prong_handler PRONG_HANDLER_SYMBOL = { PRONG_ABI_, \
		__VA_ARGS__ }
#else
/* C++17 has no designated initialisers: each ".member = value" becomes an
 * assignment in a constant expression, so their order does not matter. */
#define PRONG_EACH_(h, ...) \
	PRONG_NTH_(__VA_ARGS__, PRONG_11_, PRONG_10_, PRONG_9_, PRONG_8_, \
	    PRONG_7_, PRONG_6_, PRONG_5_, PRONG_4_, PRONG_3_, PRONG_2_, \
	    PRONG_1_, ) \
	(h, __VA_ARGS__)
#define PRONG_NTH_(a, b, c, d, e, f, g, h, i, j, k, macro, ...) macro
#define PRONG_1_(h, a)						h a;
#define PRONG_2_(h, a, ...) \
	h a; \
	PRONG_1_(h, __VA_ARGS__)
#define PRONG_3_(h, a, ...) \
	h a; \
	PRONG_2_(h, __VA_ARGS__)
#define PRONG_4_(h, a, ...) \
	h a; \
	PRONG_3_(h, __VA_ARGS__)
#define PRONG_5_(h, a, ...) \
	h a; \
	PRONG_4_(h, __VA_ARGS__)
#define PRONG_6_(h, a, ...) \
	h a; \
	PRONG_5_(h, __VA_ARGS__)
#define PRONG_7_(h, a, ...) \
	h a; \
	PRONG_6_(h, __VA_ARGS__)
#define PRONG_8_(h, a, ...) \
	h a; \
	PRONG_7_(h, __VA_ARGS__)
#define PRONG_9_(h, a, ...) \
	h a; \
	PRONG_8_(h, __VA_ARGS__)
#define PRONG_10_(h, a, ...) \
	h a; \
	PRONG_9_(h, __VA_ARGS__)
#define PRONG_11_(h, a, ...) \
	h a; \
	PRONG_10_(h, __VA_ARGS__)
#define PRONG_HANDLER(...) \
	constexpr struct prong_handler PRONG_HANDLER_SYMBOL = []() { \
		struct prong_handler handler_ = { PRONG_ABI_, nullptr, \
			nullptr, nullptr, 0, 0, 0, 0, nullptr, nullptr, \
			nullptr, 0 }; \
		PRONG_EACH_(handler_, __VA_ARGS__) \
		return handler_; \
	}()
#endif

#endif
