/* SPDX-License-Identifier: ISC */
#include "handlers.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <prong/handler.h>

#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/sources.h"
#include "plugin/option.h"
#include "plugin/plugin_start.h"

/* Of max_request_line below, each octet as "%41". */
#define TARGET_MAX_LENGTH (3 * 1024)

/* Answers are few and short, so that all of them fit into the socket. */
static const char text[] =
    "max_request_line = \"1 KiB\"; max_head = \"1 KiB\"; max_fields = 16;"
    "max_requests = 8; max_body = \"16 KiB\";"
    "head_timeout = \"1 s\"; body_timeout = \"1 s\"; send_timeout = \"1 s\";"
    "idle_timeout = \"1 s\";"
    "sites = ("
    "  { hosts = [ \"a.example\", \"*.b.example\" ];"
    "    routes = ("
    "      { path = \"/\"; gate = { }; file = { }; },"
    "      { path = \"/file\"; file = { }; },"
    "      { path = \"/echo\"; echo = { }; },"
    "      { path = \"/small\"; echo = { }; max_body = 16; },"
    "      { path = \"/talk\"; gate = { }; talk = { }; },"
    "      { exact = \"/one\"; one = { }; },"
    "      { path = \"/denied\"; one = { }; allow = \"192.0.2.0/24\"; } ); },"
    "  { routes = ( { path = \"/b\"; one = { }; max_requests = 2; } ); } );";

#define FILE_BYTES 300

static int file_fd = -1;

/* Every text must end, and be what the contract says. */
static void
ask_everything(struct prong_request *request)
{
	const char *path = prong_path(request);
	const char *info = prong_path_info(request);
	const char *name, *value;
	int32_t port;
	uint64_t i;

	assert(strlen(prong_method(request)) <= 32);
	assert(strlen(prong_target(request)) <= TARGET_MAX_LENGTH);
	assert(path[0] == '/' && !strstr(path, "/../"));
	assert(info[0] == '/' || info[0] == '\0');
	assert(strlen(info) <= strlen(path));
	assert(strlen(prong_route(request)) <= strlen(path));
	assert(strncmp(prong_protocol(request), "HTTP/1.", 7) == 0);
	assert(strncmp(prong_scheme(request), "http", 4) == 0);
	assert(strlen(prong_host(request)) <= 255);
	/* A proxy may have named it; a Unix socket has no address. */
	assert(strlen(prong_client(request, &port)) < 46);
	assert(port >= -1 && port <= 65535);
	assert(prong_body_length(request) >= -1);
	for (i = 0; prong_request_field_at(request, i, &name, &value); i++) {
		assert(strlen(name) > 0 && strlen(name) <= 4096);
		assert(!strpbrk(value, "\r\n"));
		assert(prong_request_field(request, name));
	}
	assert(i <= 16);
}

/* What a process has besides the request. */
static void
ask_for_room(struct prong_request *request)
{
	struct prong_server_stats stats;
	uint64_t *state = prong_state(request);
	char *memory = prong_alloc(request, 5000);

	assert(state && memory);
	(*state)++;
	assert(memory[0] == '\0' && memory[4999] == '\0');
	memset(memory, 0xff, 5000);
	assert(prong_server_stats(request, &stats) == -1);
	prong_log(request, PRONG_LOG_INFO, "request %llu, query %s",
	    (unsigned long long)*state,
	    prong_query_string(request) ? prong_query_string(request) : "-");
}

/* Leaves a trace that must not survive its declining, and a note that must. */
static int
pass_gate(struct prong_request *request, const void *config)
{
	const char *note = prong_query(request, "note");

	(void)config;
	ask_everything(request);
	ask_for_room(request);
	prong_field(request, "X-Gate", "passed");
	prong_status(request, 402);
	prong_write(request, "gate", 4);
	if (note)
		prong_set_note(request, "user", note);
	return PRONG_DECLINED;
}

static int
send_file(struct prong_request *request, const void *config)
{
	(void)config;
	ask_everything(request);
	prong_etag(request, "f", 0);
	prong_last_modified(request, 784111777);
	prong_field(request, "Content-Type", "text/plain");
	return prong_file(request, fcntl(file_fd, F_DUPFD_CLOEXEC, 0), 0,
	    FILE_BYTES);
}

static int
send_one(struct prong_request *request, const void *config)
{
	(void)config;
	ask_everything(request);
	prong_print(request, "one\n");
	return PRONG_DONE;
}

static int
send_back(struct prong_request *request, const void *config)
{
	const char *flush = prong_query(request, "flush");
	int64_t n, total = 0, length = prong_body_length(request);
	char buffer[100];

	(void)config;
	ask_everything(request);
	prong_status(request, 200);
	while ((n = prong_read(request, buffer, sizeof(buffer))) > 0) {
		assert(n <= (int64_t)sizeof(buffer));
		total += n;
		if (prong_write(request, buffer, (uint64_t)n) < 0)
			return PRONG_DONE;
		if (flush)
			prong_flush(request);
	}
	assert(n < 0 || length < 0 || total == length);
	return n < 0 ? 500 : PRONG_DONE;
}

/* The number in a parameter of the query. */
static long
number(struct prong_request *request, const char *name, long otherwise)
{
	const char *value = prong_query(request, name);

	return value && *value != '\0' ? strtol(value, NULL, 10) : otherwise;
}

/* The access log has 499 for answers that never began, which the check must be
 * able to tell from all others. */
static int
status_of(struct prong_request *request, const char *name, long otherwise)
{
	long status = number(request, name, otherwise);

	return status == 499 || status > 10000 || status < -10000 ? 0 :
								    (int)status;
}

/* What the client says, unchecked: the server must see to it that the answer
 * is well-formed all the same. */
static int
talk(struct prong_request *request, const void *config)
{
	const char *name = prong_query(request, "field");
	const char *value = prong_query(request, "value");
	const char *etag = prong_query(request, "etag");
	const char *content = prong_query(request, "text");

	(void)config;
	ask_everything(request);
	if (name && prong_field(request, name, value) == 0)
		assert(!value || !strpbrk(value, "\r\n"));
	if (name && prong_query(request, "again"))
		prong_field_add(request, name, value);
	if (etag)
		prong_etag(request, etag, prong_query(request, "weak") ? 1 : 0);
	if (prong_query(request, "modified"))
		prong_last_modified(request, number(request, "modified", 0));
	if (prong_query(request, "status"))
		prong_status(request, status_of(request, "status", 200));
	if (prong_query(request, "length"))
		prong_length(request, (uint64_t)number(request, "length", 0));
	if (content)
		prong_printf(request, "%s%s", content,
		    prong_note(request, "user") ? "!" : "");
	if (prong_query(request, "flush"))
		prong_flush(request);
	if (prong_query(request, "file"))
		prong_file(request, fcntl(file_fd, F_DUPFD_CLOEXEC, 0),
		    (uint64_t)number(request, "file", 0), FILE_BYTES / 2);
	if (content)
		prong_write(request, content, strlen(content));
	return status_of(request, "return", 0);
}

static const struct prong_handler handlers[] = {
	{ PRONG_ABI_, .name = "gate", .methods = PRONG_ANY_METHOD,
	    .state_size = sizeof(uint64_t), .handle = pass_gate },
	{ PRONG_ABI_, .name = "file", .handle = send_file },
	{ PRONG_ABI_, .name = "one", .handle = send_one },
	{ PRONG_ABI_, .name = "echo", .handle = send_back,
	    .methods = PRONG_GET | PRONG_POST | PRONG_PUT },
	{ PRONG_ABI_, .name = "talk", .methods = PRONG_ANY_METHOD,
	    .handle = talk },
};

static void
link_handler(struct handler *handler)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (strcmp(handlers[i].name, handler->name) == 0)
			handler->plugin = &handlers[i];
	assert(handler->plugin);
}

static void
make_file(void)
{
	char content[FILE_BYTES];

	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (char)('a' + i % 26);
	file_fd = memfd_create("file", MFD_CLOEXEC);
	assert(file_fd >= 0);
	assert(write(file_fd, content, sizeof(content)) == FILE_BYTES);
}

const struct configuration *
handlers_configuration(void)
{
	static struct configuration *configuration;
	struct report report = { 0 };
	struct handler *handler;
	size_t cursor = 0;

	if (configuration)
		return configuration;
	make_file();
	configuration = configuration_parse(sources_from_text("fuzz", text,
						&report),
	    &report);
	assert(configuration);
	while ((handler = configuration_next_handler(configuration, &cursor)))
		link_handler(handler);
	assert(option_fill_all(configuration, NULL, &report) == 0);
	assert(plugin_start_open(configuration, PLUGIN_SERVE, &report) == 0);
	return configuration;
}
