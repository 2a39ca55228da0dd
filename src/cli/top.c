/* SPDX-License-Identifier: ISC */
#include "cli/top.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/figures.h"
#include "cli/inquiry.h"
#include "cli/overview.h"
#include "cli/screen.h"
#include "cli/terminal.h"

#define FILTER_BYTES 64

static const char keys[] =
    "q quit  p pause  s sort  / filter (Enter keeps it, Esc clears it)";

struct top {
	const char *socket;
	struct screen screen;
	struct figures before, now;
	int error; /* of the last look; 0: none */
	enum figures_order order;
	bool is_paused, is_typing, has_ended;
	char filter[FILTER_BYTES];
};

/* What was seen last stays where the master is not reached. */
static void
look(struct top *t)
{
	struct inquiry_memory memory;

	t->error = inquiry_look(t->socket, &memory) < 0 ? errno : 0;
	if (t->error == 0) {
		figures_free(&t->before);
		t->before = t->now;
		figures_read(&t->now, &memory);
		inquiry_look_away(&memory);
	}
	figures_sort(&t->now, t->order);
}

static void
put_last_line(struct top *t)
{
	struct screen *s = &t->screen;

	if (t->is_typing)
		screen_put(s, SCREEN_BOLD, "/%s_", t->filter);
	else if (t->error != 0)
		screen_put(s, SCREEN_BAD, "prongd is not reached: %s",
		    strerror(t->error));
	else
		screen_put(s, SCREEN_FAINT, "%s", keys);
	screen_break(s);
}

static void
put_order(struct top *t)
{
	struct screen *s = &t->screen;

	if (t->is_paused)
		screen_put(s, SCREEN_REVERSE, " paused ");
	screen_put(s, SCREEN_FAINT, "%ssorted by %s", t->is_paused ? "  " : "",
	    figures_order_name(t->order));
	if (t->filter[0] != '\0')
		screen_put(s, SCREEN_WARN, "  with \"%s\"", t->filter);
	screen_break(s);
}

/* Handlers have at most a third of the rows. */
static void
draw(struct top *t)
{
	struct screen *s = &t->screen;
	unsigned rows;

	if (s->is_terminal)
		terminal_size(&s->columns, &s->rows);
	screen_begin(s);
	overview_put_server(s, &t->before, &t->now);
	rows = screen_rows_left(s);
	overview_put_handlers(s, &t->before, &t->now,
	    s->rows == 0 ? rows : s->rows / 3);
	rows = screen_rows_left(s);
	if (s->is_terminal && rows > 4) {
		put_order(t);
		overview_put_connections(s, &t->now, t->filter, rows - 2);
		while (screen_rows_left(s) > 1)
			screen_break(s);
		put_last_line(t);
	} else {
		overview_put_connections(s, &t->now, t->filter, rows);
	}
	screen_end(s);
}

static void
type(struct top *t, char key)
{
	const size_t length = strlen(t->filter);

	if (key == TERMINAL_ENTER || key == '\r') {
		t->is_typing = false;
	} else if (key == TERMINAL_ESCAPE) {
		t->filter[0] = '\0';
		t->is_typing = false;
	} else if ((key == TERMINAL_ERASE || key == '\b') && length > 0) {
		t->filter[length - 1] = '\0';
	} else if (key >= ' ' && key < '\177' && length + 1 < FILTER_BYTES) {
		t->filter[length] = key;
		t->filter[length + 1] = '\0';
	}
}

static void
obey(struct top *t, char key)
{
	if (t->is_typing) {
		type(t, key);
		return;
	}
	switch (key) {
	case 'q':
		t->has_ended = true;
		break;
	case 'p':
		t->is_paused = !t->is_paused;
		break;
	case 's':
		t->order = (t->order + 1) % FIGURES_ORDERS;
		figures_sort(&t->now, t->order);
		break;
	case '/':
		t->is_typing = true;
		break;
	case TERMINAL_ESCAPE:
		t->filter[0] = '\0';
		break;
	default:
		break;
	}
}

/* Draws again at each key, until the time has come for a further look. */
static void
attend(struct top *t, int64_t until_ms)
{
	char key;

	while (!t->has_ended) {
		switch (terminal_wait(until_ms, &key)) {
		case TERMINAL_KEY:
			obey(t, key);
			draw(t);
			break;
		case TERMINAL_CHANGE:
			draw(t);
			break;
		case TERMINAL_END:
			t->has_ended = true;
			break;
		case TERMINAL_TIME:
		default:
			return;
		}
	}
}

static void
run_on_terminal(struct top *t, const struct top_options *o)
{
	unsigned long pictures;

	t->screen.is_terminal = true;
	for (pictures = 1; !t->has_ended; pictures++) {
		draw(t);
		if (pictures == o->pictures)
			break;
		attend(t, clock_ms() + o->interval_ms);
		if (!t->is_paused && !t->has_ended)
			look(t);
	}
}

static void
run_plainly(struct top *t, const struct top_options *o)
{
	const unsigned long pictures = o->pictures > 0 ? o->pictures : 1;
	const struct timespec interval = { o->interval_ms / 1000,
		o->interval_ms % 1000 * 1000000 };
	unsigned long i;

	for (i = 0; i < pictures; i++) {
		if (i > 0) {
			nanosleep(&interval, NULL);
			look(t);
			putchar('\n');
		}
		draw(t);
	}
}

int
top_run(const char *socket, const struct top_options *o)
{
	struct top t = { .socket = socket, .screen.to = stdout };

	look(&t);
	if (t.error != 0) {
		fprintf(stderr, "prong: %s: %s%s\n", socket, strerror(t.error),
		    inquiry_advice(t.error));
		return EXIT_FAILURE;
	}
	terminal_size(&t.screen.columns, &t.screen.rows);
	t.screen.rows = 0;
	t.screen.has_colours = screen_may_have_colours();
	if (terminal_open()) {
		run_on_terminal(&t, o);
		terminal_close();
	} else {
		run_plainly(&t, o);
	}
	figures_free(&t.before);
	figures_free(&t.now);
	return t.error == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
