/*
 * The memory of a connection: static in a process of its own, else allocated.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/hot.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "connection/internal.h"

/* Sizes of buffers that settings rarely exceed. */
#define USUAL_HEAD_BYTES (32 * 1024)
#define USUAL_FIELDS	 100
#define ARENA_BYTES	 (32 * 1024)

/* Both begin with a page, and most requests need no other. */
#define PAGE_BYTES 4096

struct buffers {
	char input[INPUT_SIZE(USUAL_HEAD_BYTES)];
	alignas(max_align_t) char arena[ARENA_BYTES];
	/* Counts where there is no scoreboard; other processes do not read it. */
	struct scoreboard_page page;
};

/* Zeros, but for what a connection before has left. */
struct place {
	struct connection *connection;
	struct http_field *fields; /* USUAL_FIELDS */
	struct buffers *buffers;
};

/* Allocates buffers only when a setting exceeds the usual ones. */
static int
open_buffers(const struct place *place)
{
	struct connection *connection = place->connection;
	struct buffers *buffers = place->buffers;
	const struct limits *limits = connection->limits;
	size_t size = INPUT_SIZE(limits->max_head_bytes);
	char *data = buffers->input;

	if (size > sizeof(buffers->input))
		data = malloc(size);
	connection->fields = place->fields;
	if (limits->max_fields > USUAL_FIELDS)
		connection->fields = calloc(limits->max_fields,
		    sizeof(*connection->fields));
	input_init(&connection->channel.input, data, size);
	arena_init(&connection->channel.arena, buffers->arena,
	    sizeof(buffers->arena));
	if (data && connection->fields)
		return 0;
	log_error("there is no memory for heads of %llu bytes and %llu fields",
	    (unsigned long long)limits->max_head_bytes,
	    (unsigned long long)limits->max_fields);
	return -1;
}

static enum connection_end
run_on(const struct place *place, const struct connection_arguments *arguments,
    const struct configuration *configuration)
{
	connection_open(place->connection,
	    arguments->page ? arguments->page : &place->buffers->page,
	    arguments, configuration);
	return open_buffers(place) < 0 ? CONNECTION_FAILED :
					 connection_serve(place->connection);
}

/* The process has one connection, whose memory is static: zeroed memory costs
 * nothing until it is used; after a fork every page that is touched costs. */
enum connection_end
connection_run(const struct connection_arguments *arguments,
    const struct configuration *configuration)
{
	static HOT struct http_field fields[USUAL_FIELDS];
	static HOT struct connection connection;
	static alignas(PAGE_BYTES) struct buffers buffers;
	static const struct place place = { &connection, fields, &buffers };

	return run_on(&place, arguments, configuration);
}

struct connection_memory {
	struct connection connection;
	struct http_field fields[USUAL_FIELDS];
	struct buffers buffers;
};

size_t
connection_memory_bytes(void)
{
	return sizeof(struct connection_memory);
}

/* The end of a process frees all that. */
static void
close_buffers(const struct place *place)
{
	struct connection *connection = place->connection;
	struct channel *channel = &connection->channel;

	arena_reset(&channel->arena);
	if (channel->input.data != place->buffers->input)
		free(channel->input.data);
	if (connection->fields != place->fields)
		free(connection->fields);
}

enum connection_end
connection_run_in(struct connection_memory *memory,
    const struct connection_arguments *arguments,
    const struct configuration *configuration)
{
	const struct place place = { &memory->connection, memory->fields,
		&memory->buffers };
	enum connection_end end;

	end = run_on(&place, arguments, configuration);
	crash_handler_take(NULL);
	close_buffers(&place);
	return end;
}
