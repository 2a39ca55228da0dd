/* SPDX-License-Identifier: ISC */
#include "cli/screen.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/printable.h"

#define TEXT_BYTES 1024

static const char *const codes[] = {
	[SCREEN_PLAIN] = "",
	[SCREEN_FAINT] = "2",
	[SCREEN_BOLD] = "1",
	[SCREEN_REVERSE] = "7",
	[SCREEN_GOOD] = "32",
	[SCREEN_WARN] = "33",
	[SCREEN_BAD] = "31",
};

bool
screen_may_have_colours(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && no_color[0] != '\0') &&
	    term && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

void
screen_begin(struct screen *s)
{
	s->column = s->row = 0;
	if (s->is_terminal)
		fputs("\033[H", s->to);
}

void
screen_end(struct screen *s)
{
	if (s->is_terminal)
		fputs("\033[J", s->to);
	fflush(s->to);
}

unsigned
screen_left(const struct screen *s)
{
	return s->column < s->columns ? s->columns - s->column : 0;
}

unsigned
screen_rows_left(const struct screen *s)
{
	if (s->rows == 0)
		return UINT_MAX;
	return s->row < s->rows ? s->rows - s->row : 0;
}

/* Text that is printable ASCII, so as many columns as octets. */
static void
put(struct screen *s, enum screen_style style, const char *text, size_t length)
{
	const bool is_styled = s->has_colours && style != SCREEN_PLAIN;

	if (length > screen_left(s))
		length = screen_left(s);
	if (length == 0 || screen_rows_left(s) == 0)
		return;
	if (is_styled)
		fprintf(s->to, "\033[%sm", codes[style]);
	fwrite(text, 1, length, s->to);
	if (is_styled)
		fputs("\033[0m", s->to);
	s->column += (unsigned)length;
}

void
screen_put(struct screen *s, enum screen_style style, const char *format, ...)
{
	char raw[TEXT_BYTES], text[TEXT_BYTES];
	va_list ap;

	va_start(ap, format);
	vsnprintf(raw, sizeof(raw), format, ap);
	va_end(ap);
	put(s, style, text, printable_copy(text, sizeof(text), raw));
}

void
screen_put_field(struct screen *s, enum screen_style style, int width,
    const char *raw)
{
	const size_t room = (size_t)(width < 0 ? -width : width);
	char text[TEXT_BYTES], field[TEXT_BYTES];
	size_t length = printable_copy(text, sizeof(text), raw);

	/* No spaces at the end of a line that nobody would see. */
	if (width > 0 && room >= screen_left(s) && length < room &&
	    !(style == SCREEN_REVERSE && s->has_colours)) {
		put(s, style, text, length);
		return;
	}
	if (room >= sizeof(field))
		return;
	if (length > room && room > 0)
		text[room - 1] = '~';
	if (length > room)
		length = room;
	memset(field, ' ', room);
	memcpy(field + (width < 0 ? room - length : 0), text, length);
	put(s, style, field, room);
}

void
screen_break(struct screen *s)
{
	if (screen_rows_left(s) == 0)
		return;
	if (s->is_terminal)
		fputs("\033[K", s->to);
	s->row++;
	s->column = 0;
	/* A line feed in the last row would move all others. */
	if (screen_rows_left(s) > 0)
		fputc('\n', s->to);
}
