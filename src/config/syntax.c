/*
 * Checks and explanations that libconfig lacks. See syntax.h.
 *
 * The scanner knows as much of libconfig's tokens as is needed to skip strings,
 * comments and names.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/syntax.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "config/report.h"

#define SHOWN_CHARS 60 /* of an offending line */

struct scanner {
	const char *path;
	const char *at;
	const char *line_start;
	int line;
	char last; /* octet of the token before; 0: none */
	struct report *report;
	bool failed;
};

static void
fail(struct scanner *s, int line, const char *what)
{
	report_error(s->report, NULL, "%s:%d: %s", s->path, line, what);
	s->failed = true;
}

static void
next_char(struct scanner *s)
{
	if (*s->at++ == '\n') {
		s->line++;
		s->line_start = s->at;
	}
}

static void
skip_line(struct scanner *s)
{
	while (*s->at != '\0' && *s->at != '\n')
		s->at++;
}

static void
skip_comment(struct scanner *s)
{
	int line = s->line;

	s->at += 2;
	while (*s->at != '\0' && strncmp(s->at, "*/", 2) != 0)
		next_char(s);
	if (*s->at == '\0')
		fail(s, line,
		    "found a comment without an end; possible: "
		    "*/ behind it");
	else
		s->at += 2;
}

static void
skip_string(struct scanner *s)
{
	int line = s->line;

	s->at++;
	while (*s->at != '\0' && *s->at != '"') {
		if (*s->at == '\\' && s->at[1] != '\0')
			next_char(s);
		next_char(s);
	}
	if (*s->at == '\0')
		fail(s, line,
		    "found a string without an end; possible: "
		    "a \" behind it, or one that is missing above");
	else
		s->at++;
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*';
}

static bool
is_number_char(char c)
{
	return is_name_char(c) || c == '.' || c == '+';
}

/* libconfig reads a plain number by atoi, and one with L by atoll. */
static void
check_number(struct scanner *s)
{
	const char *start = s->at;
	bool is_hex = start[0] == '0' && (start[1] == 'x' || start[1] == 'X');
	long long number;
	char *end;

	while (is_number_char(*s->at))
		s->at++;
	errno = 0;
	number = strtoll(start, &end, is_hex ? 16 : 10);
	if (end > s->at || *end == '.' || *end == 'e' || *end == 'E')
		return;
	if (errno == ERANGE)
		fail(s, s->line,
		    "found a number that is too large; "
		    "possible: less than 2^63");
	else if (*end != 'L' && (number > INT_MAX || number < INT_MIN))
		fail(s, s->line,
		    "found a number above 2147483647; possible: "
		    "an L behind it, or a string with a unit (\"5 GB\")");
}

static void
check_include(struct scanner *s)
{
	const char *p = s->line_start;

	while (*p == ' ' || *p == '\t')
		p++;
	if (p == s->at && strncmp(p, "@include", 8) == 0)
		fail(s, s->line,
		    "found @include; possible: the folder "
		    "conf.d beside the main file, whose *.conf are read too");
	skip_line(s);
}

/* A comma after the last element, which many other languages allow. */
static void
check_comma(struct scanner *s)
{
	if (s->last == ',')
		fail(s, s->line,
		    "found a comma before the end of a list; "
		    "possible: commas between elements, none after the last");
}

static void
scan_token(struct scanner *s)
{
	char c = *s->at;

	if (c == '"') {
		skip_string(s);
	} else if (c == '@') {
		check_include(s);
	} else if ((c >= '0' && c <= '9') || c == '-' || c == '+') {
		check_number(s);
	} else if (is_name_char(c)) {
		while (is_name_char(*s->at))
			s->at++;
	} else {
		if (c == ')' || c == ']')
			check_comma(s);
		s->at++;
	}
	s->last = c;
}

int
syntax_check(const char *path, const char *text, size_t length,
    struct report *report)
{
	struct scanner s = { .path = path,
		.at = text,
		.line_start = text,
		.line = 1,
		.report = report };

	while (*s.at != '\0') {
		if (*s.at == '#' || strncmp(s.at, "//", 2) == 0)
			skip_line(&s);
		else if (strncmp(s.at, "/*", 2) == 0)
			skip_comment(&s);
		else if (strchr(" \t\r\n\f", *s.at))
			next_char(&s);
		else
			scan_token(&s);
	}
	if ((size_t)(s.at - text) != length)
		fail(&s, s.line, "found a NUL byte; possible: text");
	return s.failed ? -1 : 0;
}

static const char *
line_at(const char *text, int line)
{
	for (; line > 1 && *text != '\0'; text++)
		if (*text == '\n')
			line--;
	while (*text == ' ' || *text == '\t')
		text++;
	return text;
}

void
syntax_explain(const char *path, const char *text, int line, const char *error,
    struct report *report)
{
	const char *found = line_at(text, line);
	int length = (int)strcspn(found, "\r\n");

	if (length > SHOWN_CHARS)
		length = SHOWN_CHARS;
	if (strcmp(error, "duplicate setting name") == 0)
		report_error(report, NULL,
		    "%s:%d: found a setting for the "
		    "second time in its group, in \"%.*s\"; possible: once",
		    path, line, length, found);
	else if (strstr(error, "mismatched element type"))
		report_error(report, NULL,
		    "%s:%d: found values of different "
		    "types in [ ], in \"%.*s\"; possible: all of one type, "
		    "or a list ( )",
		    path, line, length, found);
	else
		report_error(report, NULL,
		    "%s:%d: syntax error: found "
		    "\"%.*s\"; possible: NAME = VALUE; where a value is "
		    "\"text\", a number, true or false, [ a, b ], ( a, b ) or "
		    "{ settings } (was the line before ended?)",
		    path, line, length, found);
}
