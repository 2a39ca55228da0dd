/*
 * The table of connections. See overview.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "cli/overview.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/figures.h"
#include "cli/measure.h"
#include "cli/screen.h"

/* Of a client: an address of IPv4; that and a port; any address and a port. */
#define CLIENT_NARROW 15
#define CLIENT_USUAL  24
#define CLIENT_WIDE   47

struct column {
	const char *title;
	int width;	/* negative: to the right; 0: the rest */
	unsigned least; /* columns of a screen that shows it */
	void (*put)(struct screen *screen, const struct figures_connection *c,
	    int width);
};

static void
put_pid(struct screen *s, const struct figures_connection *c, int width)
{
	char text[MEASURE_BYTES];

	snprintf(text, sizeof(text), "%" PRIu64, c->stats.pid);
	screen_put_field(s, SCREEN_PLAIN, width, text);
}

static void
put_generation(struct screen *s, const struct figures_connection *c, int width)
{
	char text[MEASURE_BYTES];

	snprintf(text, sizeof(text), "%llu", c->generation);
	screen_put_field(s, SCREEN_PLAIN, width, text);
}

static void
put_kind(struct screen *s, const struct figures_connection *c, int width)
{
	screen_put_field(s, SCREEN_PLAIN, width, c->stats.kind);
}

static void
put_state(struct screen *s, const struct figures_connection *c, int width)
{
	const char *state = c->stats.state;
	enum screen_style style = SCREEN_GOOD;

	if (strcmp(state, "waiting") == 0)
		style = SCREEN_FAINT;
	else if (strcmp(state, "crashed") == 0)
		style = SCREEN_BAD;
	screen_put_field(s, style, width, state);
}

static void
put_request_age(struct screen *s, const struct figures_connection *c, int width)
{
	char text[MEASURE_BYTES];

	screen_put_field(s, SCREEN_PLAIN, width,
	    c->stats.request_since == 0 ?
		"-" :
		measure_seconds(c->stats.request_age, text));
}

static void
put_age(struct screen *s, const struct figures_connection *c, int width)
{
	char text[MEASURE_BYTES];

	screen_put_field(s, SCREEN_PLAIN, width,
	    measure_seconds(c->stats.age, text));
}

static void
put_request_count(struct screen *s, const struct figures_connection *c,
    int width)
{
	char text[MEASURE_BYTES];

	screen_put_field(s, SCREEN_PLAIN, width,
	    measure_count(c->stats.requests, text));
}

static void
put_sent(struct screen *s, const struct figures_connection *c, int width)
{
	char text[MEASURE_BYTES];

	screen_put_field(s, SCREEN_PLAIN, width,
	    measure_octets(c->stats.bytes_sent, text));
}

static void
put_received(struct screen *s, const struct figures_connection *c, int width)
{
	char text[MEASURE_BYTES];

	screen_put_field(s, SCREEN_PLAIN, width,
	    measure_octets(c->stats.bytes_received, text));
}

static void
put_processor(struct screen *s, const struct figures_connection *c, int width)
{
	char text[MEASURE_BYTES];

	screen_put_field(s, SCREEN_PLAIN, width,
	    measure_us((uint64_t)c->stats.cpu_ms * 1000, c->stats.cpu_ms >= 0,
		text));
}

/* A narrow field has no room for the port. */
static void
put_client(struct screen *s, const struct figures_connection *c, int width)
{
	char client[sizeof(c->stats.client)];
	char *colon;

	memcpy(client, c->stats.client, sizeof(client));
	colon = strrchr(client, ':');
	if (colon && width <= CLIENT_NARROW && strlen(client) > (size_t)width)
		*colon = '\0';
	screen_put_field(s, SCREEN_PLAIN, width, client);
}

static void
put_handler_name(struct screen *s, const struct figures_connection *c,
    int width)
{
	screen_put_field(s, SCREEN_PLAIN, width,
	    c->stats.handler[0] ? c->stats.handler : "-");
}

static void
put_request(struct screen *s, const struct figures_connection *c, int width)
{
	screen_put_field(s,
	    c->stats.request_since == 0 ? SCREEN_FAINT : SCREEN_PLAIN, width,
	    c->stats.request);
}

static const struct column columns[] = {
	{ "PID", -7, 0, put_pid },
	{ "GEN", -3, 120, put_generation },
	{ "KIND", 6, 140, put_kind },
	{ "STATE", 8, 0, put_state },
	{ "FOR", -5, 0, put_request_age },
	{ "AGE", -5, 100, put_age },
	{ "REQS", -6, 60, put_request_count },
	{ "SENT", -6, 70, put_sent },
	{ "RECVD", -6, 140, put_received },
	{ "CPU", -7, 140, put_processor },
	{ "CLIENT", CLIENT_NARROW, 0, put_client },
	{ "HANDLER", 8, 70, put_handler_name },
	{ "REQUEST", 0, 0, put_request },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static int
width_of(const struct screen *s, const struct column *c)
{
	if (c->width == 0)
		return (int)screen_left(s);
	if (c->put == put_client)
		return s->columns >= 160 ? CLIENT_WIDE :
		    s->columns >= 100	 ? CLIENT_USUAL :
					   CLIENT_NARROW;
	if (c->put == put_handler_name && s->columns >= 120)
		return 16;
	return c->width;
}

static void
put_row(struct screen *s, const struct figures_connection *c)
{
	size_t i;

	for (i = 0; i < COLUMNS; i++) {
		if (s->columns < columns[i].least)
			continue;
		if (c)
			columns[i].put(s, c, width_of(s, &columns[i]));
		else
			screen_put_field(s, SCREEN_REVERSE,
			    width_of(s, &columns[i]), columns[i].title);
		if (i + 1 < COLUMNS)
			screen_put(s, c ? SCREEN_PLAIN : SCREEN_REVERSE, " ");
	}
	screen_break(s);
}

static bool
is_shown(const struct figures_connection *c, const char *filter)
{
	const struct prong_connection_stats *t = &c->stats;

	return strstr(t->client, filter) || strstr(t->request, filter) ||
	    strstr(t->handler, filter) || strstr(t->state, filter);
}

void
overview_put_connections(struct screen *s, const struct figures *f,
    const char *filter, unsigned rows)
{
	size_t i, left = 0, shown = 0;

	if (rows < 2 || !f->is_known)
		return;
	put_row(s, NULL);
	for (i = 0; i < f->connection_count; i++)
		left += is_shown(&f->connections_shown[i], filter);
	for (i = 0; i < f->connection_count && left > 0; i++) {
		if (!is_shown(&f->connections_shown[i], filter))
			continue;
		/* The last row says how many more there are. */
		if (left > 1 && shown + 3 > rows)
			break;
		put_row(s, &f->connections_shown[i]);
		shown++;
		left--;
	}
	if (left == 0)
		return;
	screen_put(s, SCREEN_FAINT, "and %zu more", left);
	screen_break(s);
}
