/*
 * template - a handler to begin with: a path, other options, open() and state.
 * Its response is a title and, below it, the text of a file.
 *
 * To write a handler, copy this file to NAME.c, replace each "template" by your
 * NAME, and change the six parts that have a number.
 *
 *	cc -fPIC -shared -fvisibility=hidden -Wl,-z,defs -Wl,-z,now \
 *	    -o template.so template.c
 *
 * A route that uses it: template = { file = "/srv/news.txt"; };
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prong/handler.h>

/* 1. The configuration: a member for each option. The server checks the values
 * and fills the members before it calls open(). The last member belongs to no
 * option: open() computes it. */
struct template
{
	const char *file;
	const char *title;
	int64_t max_size;
	uint64_t title_length;
};

/* 2. The state: memory that lasts from one request of a connection to the next.
 * Each connection has its own for each route, zeroed at first. A handler
 * without state has no .state_size in part 6. */
struct state {
	uint64_t requests;
};

/* 3. open(): checks that the table of options cannot express, and work that is
 * done once. It runs before the first client is served. It runs for "prongd -t"
 * too, where prong_is_test() is true and open() must change nothing outside. A
 * handler that needs no open() has no .open in part 6. */
static int
open_template(struct prong_opening *opening, void *config)
{
	struct template *t = config;

	if (strpbrk(t->title, "\r\n")) {
		prong_open_error(opening, "title", "must be a single line");
		return -1;
	}
	t->title_length = strlen(t->title);
	return 0;
}

/* Opens the file and fills *st. The result is a descriptor that the caller
 * closes, or -1; *status is then the status of the response. prong_open() logs
 * by itself that the sandbox refused a path. */
static int
open_file(struct prong_request *req, const struct template *t, struct stat *st,
    int *status)
{
	int fd = prong_open(req, t->file, O_RDONLY);

	if (fd < 0) {
		*status = errno == ENOENT ? 404 : 500;
		return -1;
	}
	if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode) ||
	    st->st_size > t->max_size) {
		prong_log(req, PRONG_LOG_ERROR,
		    "%s is no file of at most %" PRId64 " bytes", t->file,
		    t->max_size);
		close(fd);
		*status = 500;
		return -1;
	}
	return fd;
}

/* 4. handle(): the response to a request. The server takes care of HEAD, of
 * conditional requests and ranges, and of methods that are not in .methods. The
 * result PRONG_DONE ends the request; a status makes the server write its page
 * for it; PRONG_DECLINED passes the request to the route's next handler. */
static int
handle(struct prong_request *req, const void *config)
{
	const struct template *t = config;
	struct state *state = prong_state(req);
	char number[24];
	struct stat st;
	int fd, status;

	if (!state)
		return 500;
	state->requests++;
	fd = open_file(req, t, &st, &status);
	if (fd < 0)
		return status;
	prong_field(req, "Content-Type", "text/plain; charset=utf-8");
	snprintf(number, sizeof(number), "%" PRIu64, state->requests);
	prong_field(req, "X-Request-Number", number);
	prong_last_modified(req, st.st_mtime);
	prong_write(req, t->title, t->title_length);
	prong_print(req, "\n\n");
	/* The server closes the descriptor. */
	prong_file(req, fd, 0, (uint64_t)st.st_size);
	return PRONG_DONE;
}

/* 5. The table of options: type, member, default, limits and a line of help.
 * The flags of a path say how the handler uses it, and the sandbox permits
 * exactly that. */
static const struct prong_option options[] = {
	PRONG_PATH(struct template, file, PRONG_READ | PRONG_REQUIRED, NULL,
	    "the file with the text"),
	PRONG_STRING(struct template, title, "News", "the first line"),
	PRONG_SIZE(struct template, max_size, "1 MiB", 1, INT64_C(1) << 30,
	    "of the file; a larger one is an error"),
	PRONG_END,
};

/* 6. The descriptor. The name is the file's, without ".so", and a route names
 * the handler by it. A handler that opens sockets or starts processes or
 * threads declares this in .needs. */
PRONG_HANDLER(.name = "template", .summary = "serves a title and a text",
    .options = options, .config_size = sizeof(struct template),
    .state_size = sizeof(struct state), .methods = PRONG_GET,
    .open = open_template, .handle = handle);
