/*
 * The format of the access log's lines. See log_format.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/log_format.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "http/fields.h"

/* A field's name in a format, with its NUL. */
#define LOG_NAME_BYTES 64

#define DIRECTIVE(text, piece) \
	{ \
		text, sizeof(text) - 1, piece \
	}

/* No directive is the beginning of another one. */
static const struct directive {
	const char *text; /* after "%" */
	size_t length;
	enum log_piece piece;
} directives[] = {
	DIRECTIVE("h", LOG_CLIENT),
	DIRECTIVE("a", LOG_CLIENT),
	DIRECTIVE("l", LOG_NOTHING),
	DIRECTIVE("u", LOG_USER),
	DIRECTIVE("t", LOG_TIME),
	DIRECTIVE("r", LOG_REQUEST_LINE),
	DIRECTIVE("s", LOG_STATUS),
	DIRECTIVE(">s", LOG_STATUS),
	DIRECTIVE("b", LOG_BYTES_IF_ANY),
	DIRECTIVE("B", LOG_BYTES),
	DIRECTIVE("m", LOG_METHOD),
	DIRECTIVE("U", LOG_PATH),
	DIRECTIVE("q", LOG_QUERY),
	DIRECTIVE("H", LOG_PROTOCOL),
	DIRECTIVE("D", LOG_MICROSECONDS),
	DIRECTIVE("T", LOG_SECONDS),
	DIRECTIVE("{s}T", LOG_SECONDS),
	DIRECTIVE("{ms}T", LOG_MILLISECONDS),
	DIRECTIVE("{us}T", LOG_MICROSECONDS),
	DIRECTIVE("v", LOG_HOST),
	DIRECTIVE("V", LOG_HOST),
	DIRECTIVE("R", LOG_HANDLER),
	DIRECTIVE("{route}R", LOG_ROUTE),
	DIRECTIVE("P", LOG_PROCESS),
	DIRECTIVE("L", LOG_ID),
	DIRECTIVE("%", LOG_PERCENT),
};

#define COUNT (sizeof(directives) / sizeof(directives[0]))

/* Takes a directive off the format; NULL when the directive is unknown. */
static const struct directive *
take_directive(const char **format)
{
	for (size_t i = 0; i < COUNT; i++) {
		const struct directive *d = &directives[i];

		if (strncmp(*format, d->text, d->length) == 0) {
			*format += d->length;
			return d;
		}
	}
	return NULL;
}

/* Takes "{Name}i" or "{Name}o" off the format. */
static enum log_piece
take_field(const char **format, char name[LOG_NAME_BYTES])
{
	const char *end = strchr(*format, '}');
	size_t length;
	char kind;

	if (**format != '{' || !end)
		return LOG_WRONG;
	length = (size_t)(end - *format) - 1;
	if (length == 0 || length >= LOG_NAME_BYTES)
		return LOG_WRONG;
	memcpy(name, *format + 1, length);
	name[length] = '\0';
	kind = end[1];
	if ((kind != 'i' && kind != 'o') ||
	    !fields_is_token(slice_from_string(name)))
		return LOG_WRONG;
	*format = end + 2;
	return kind == 'i' ? LOG_REQUEST_FIELD : LOG_RESPONSE_FIELD;
}

/* A backslash in a log line always begins the escape of a client's octet. */
static bool
is_plain(unsigned char octet)
{
	return octet >= 0x20 && octet < 0x7f && octet != '\\';
}

/* Takes the first piece off a format that is not empty. name becomes the name of
 * the field, or the octet. *format is undefined after LOG_WRONG. */
static enum log_piece
take_piece(const char **format, char name[LOG_NAME_BYTES])
{
	const struct directive *directive;

	name[0] = *(*format)++;
	name[1] = '\0';
	if (name[0] != '%')
		return is_plain((unsigned char)name[0]) ? LOG_TEXT : LOG_WRONG;
	directive = take_directive(format);
	return directive ? directive->piece : take_field(format, name);
}

const char *
log_format_check(const char *format)
{
	char name[LOG_NAME_BYTES];

	if (strcmp(format, LOG_FORMAT_JSON) == 0)
		return NULL;
	while (*format != '\0') {
		const char *start = format;

		if (take_piece(&format, name) == LOG_WRONG)
			return start;
	}
	return NULL;
}

/* Octets that follow each other are one piece. */
static bool
goes_on(const struct log_format *f, enum log_piece piece)
{
	return piece == LOG_TEXT && f->count > 0 &&
	    f->pieces[f->count - 1].piece == LOG_TEXT;
}

static char *
add_piece(struct log_format *f, enum log_piece piece, const char *name,
    char *texts)
{
	struct log_format_piece *last;
	size_t length = piece >= LOG_DIRECTIVES ? strlen(name) : 0;

	if (goes_on(f, piece))
		texts--; /* in place of the NUL */
	else
		f->pieces[f->count++] = (struct log_format_piece){ piece, texts,
			0 };
	last = &f->pieces[f->count - 1];
	last->length += length;
	f->clients += piece == LOG_CLIENT;
	memcpy(texts, name, length);
	texts[length] = '\0';
	return texts + length + 1;
}

struct log_format *
log_format_parse(const char *format, struct arena *arena)
{
	size_t most = strlen(format);
	struct log_format *f = arena_alloc(arena,
	    sizeof(*f) + most * sizeof(f->pieces[0]));
	char *texts = arena_alloc(arena, 2 * most + 1);
	char name[LOG_NAME_BYTES];
	enum log_piece piece;

	if (!f || !texts)
		return NULL;
	f->is_json = strcmp(format, LOG_FORMAT_JSON) == 0;
	while (!f->is_json && *format != '\0') {
		piece = take_piece(&format, name);
		texts = add_piece(f, piece, name, texts);
	}
	return f;
}

const char *
log_format_directives(void)
{
	static char text[COUNT * 12 + sizeof("%{Name}i %{Name}o")];
	char *at = text;

	for (size_t i = 0; i < COUNT; i++) {
		*at++ = '%';
		at = stpcpy(at, directives[i].text);
		*at++ = ' ';
	}
	strcpy(at, "%{Name}i %{Name}o");
	return text;
}

const char *
log_format_named(const char *text)
{
	if (strcmp(text, "combined") == 0)
		return LOG_FORMAT_COMBINED;
	if (strcmp(text, "common") == 0)
		return LOG_FORMAT_COMMON;
	return text;
}
