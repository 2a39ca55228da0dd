/*
 * The table of keywords, and lines by it. See manifest.h. Pure: no system call.
 *
 * SPDX-License-Identifier: ISC
 */
#include "handover/manifest.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/slice.h"

/* The audiences, in the table. */
#define S MANIFEST_FOR_SNAPSHOT
#define G MANIFEST_FOR_GENERATION
#define U MANIFEST_FOR_UPGRADE

enum descriptor { NO_FD, FD, MAYBE_FD };
enum content { NOTHING, TEXT, MAYBE_TEXT, NUMBER };
enum times { ONCE, OFTEN };

static const struct entry {
	const char *name;
	enum descriptor descriptor;
	enum content content;
	enum times times;
	unsigned audiences;
} entries[MANIFEST_KEYWORDS] = {
	[MANIFEST_RELEASE] = { "prong", NO_FD, TEXT, ONCE, G },
	[MANIFEST_STATE] = { "prong-state", NO_FD, TEXT, ONCE, U },

	[MANIFEST_STARTED] = { "started", NO_FD, NUMBER, ONCE, G | U },
	[MANIFEST_STARTED_MS] = { "started-ms", NO_FD, NUMBER, ONCE, G | U },
	[MANIFEST_TOTALS_FD] = { "totals-fd", FD, NOTHING, ONCE, G | U },
	[MANIFEST_SCOREBOARD_FD] = { "scoreboard-fd", MAYBE_FD, MAYBE_TEXT,
	    OFTEN, G | U },
	[MANIFEST_LEDGERS_FD] = { "ledgers-fd", MAYBE_FD, MAYBE_TEXT, OFTEN,
	    G | U },
	[MANIFEST_BULLETIN_FD] = { "bulletin-fd", MAYBE_FD, NOTHING, ONCE,
	    G | U },
	[MANIFEST_GENERATION] = { "generation", NO_FD, NUMBER, ONCE, G },
	[MANIFEST_RELOAD] = { "reload", NO_FD, NUMBER, ONCE, G },
	[MANIFEST_GENERATIONS] = { "generations", NO_FD, NUMBER, ONCE, U },
	[MANIFEST_HUNG] = { "hung", NO_FD, NUMBER, ONCE, U },
	[MANIFEST_PROGRAM_PATH] = { "program-path", NO_FD, TEXT, ONCE, U },
	[MANIFEST_LOG] = { "log", NO_FD, TEXT, ONCE, G | U },
	[MANIFEST_CONTROL_FD] = { "control-fd", FD, NOTHING, ONCE, G },
	[MANIFEST_GENERATION_FD] = { "generation-fd", MAYBE_FD, TEXT, OFTEN,
	    U },
	[MANIFEST_LISTENER_FD] = { "listener-fd", FD, MAYBE_TEXT, OFTEN,
	    G | U },
	[MANIFEST_ACCESS_LOG_FD] = { "access-log-fd", MAYBE_FD, NOTHING, ONCE,
	    G | U },
	[MANIFEST_ERROR_LOG_FD] = { "error-log-fd", FD, NOTHING, ONCE, U },
	[MANIFEST_STANDARD_ERROR_FD] = { "standard-error-fd", MAYBE_FD, NOTHING,
	    ONCE, U },
	[MANIFEST_CONTROL_SOCKET_FD] = { "control-socket-fd", FD, TEXT, ONCE,
	    U },
	[MANIFEST_CLIENT_FD] = { "client-fd", FD, NUMBER, OFTEN, U },

	[MANIFEST_SOURCE_FD] = { "source-fd", FD, TEXT, OFTEN, S | G | U },
	[MANIFEST_PAGE_FD] = { "page-fd", FD, TEXT, OFTEN, S | G | U },
	[MANIFEST_PLUGIN_FD] = { "plugin-fd", FD, TEXT, OFTEN, S | G | U },
	[MANIFEST_IDENTITY] = { "identity", NO_FD, TEXT, ONCE, S | G | U },
	[MANIFEST_GROUP] = { "group", NO_FD, NUMBER, OFTEN, S | G | U },
	[MANIFEST_SITES] = { "sites", NO_FD, NUMBER, ONCE, S | U },
	[MANIFEST_LISTEN] = { "listen", NO_FD, TEXT, OFTEN, S | U },
	[MANIFEST_DEFER_ACCEPT] = { "defer-accept", NO_FD, NUMBER, ONCE,
	    S | U },
	[MANIFEST_ACCESS_LOG_PATH] = { "access-log-path", NO_FD, TEXT, ONCE,
	    S | U },
	[MANIFEST_ERROR_LOG_PATH] = { "error-log-path", NO_FD, TEXT, ONCE,
	    S | U },
	[MANIFEST_CONTROL_PATH] = { "control-path", NO_FD, TEXT, ONCE, S | U },
	[MANIFEST_DEFAULT_CONTROL_PATH] = { "default-control-path", NO_FD, TEXT,
	    ONCE, S | U },
	[MANIFEST_CONTROL_GROUP] = { "control-group", NO_FD, NUMBER, ONCE,
	    S | U },
	[MANIFEST_LOG_LEVEL] = { "log-level", NO_FD, NUMBER, ONCE, S | U },
	[MANIFEST_STOP_GRACE] = { "stop-grace", NO_FD, NUMBER, ONCE, S | U },
	[MANIFEST_DRAIN_TIMEOUT] = { "drain-timeout", NO_FD, NUMBER, ONCE,
	    S | U },
	[MANIFEST_OPEN_TIMEOUT] = { "open-timeout", NO_FD, NUMBER, ONCE,
	    S | U },

	[MANIFEST_END] = { "end", NO_FD, NOTHING, ONCE, S | G | U },
};

_Static_assert(MANIFEST_KEYWORDS <= 64, "a bit of manifest.seen each");

/*
 * What is wrong.
 */

/* Whether the keyword may stand here; counts it then. */
static enum manifest_error
admit(struct manifest *m, enum manifest_keyword keyword)
{
	const uint64_t bit = UINT64_C(1) << keyword;

	if (!manifest_is_for(keyword, m->audience))
		return MANIFEST_FOREIGN;
	if (entries[keyword].times == ONCE && (m->seen & bit))
		return MANIFEST_REPEATED;
	m->seen |= bit;
	return MANIFEST_OK;
}

static enum manifest_error
check_descriptor(const struct entry *entry, int fd)
{
	if (entry->descriptor == FD && fd < 0)
		return MANIFEST_LACKS_DESCRIPTOR;
	if (entry->descriptor == NO_FD && fd >= 0)
		return MANIFEST_HAS_DESCRIPTOR;
	return MANIFEST_OK;
}

static bool
parse_number(const char *text, int64_t *number)
{
	uint64_t n;

	if (!slice_parse_number(slice_from_string(text), &n) || n > INT64_MAX)
		return false;
	*number = (int64_t)n;
	return true;
}

static enum manifest_error
check_value(const struct entry *entry, struct manifest_line *line)
{
	if (strlen(line->value) >= MANIFEST_VALUE_BYTES)
		return MANIFEST_TOO_LONG;
	switch (entry->content) {
	case NOTHING:
		return *line->value ? MANIFEST_HAS_VALUE : MANIFEST_OK;
	case TEXT:
		return *line->value ? MANIFEST_OK : MANIFEST_LACKS_VALUE;
	case NUMBER:
		return parse_number(line->value, &line->number) ?
		    MANIFEST_OK :
		    MANIFEST_BAD_NUMBER;
	case MAYBE_TEXT:
	default:
		return MANIFEST_OK;
	}
}

static enum manifest_error
check(struct manifest *m, struct manifest_line *line)
{
	const struct entry *entry = &entries[line->keyword];
	enum manifest_error error = check_descriptor(entry, line->fd);

	if (!error)
		error = check_value(entry, line);
	return error ? error : admit(m, line->keyword);
}

/*
 * Parsing.
 */

/* *rest: the text behind the keyword, from the space on. */
static bool
find_keyword(const char *text, enum manifest_keyword *keyword,
    const char **rest)
{
	struct slice name = { text, strcspn(text, " ") };
	size_t i;

	*rest = text + name.len;
	for (i = 0; i < MANIFEST_KEYWORDS; i++)
		if (slice_is(name, entries[i].name)) {
			*keyword = (enum manifest_keyword)i;
			return true;
		}
	return false;
}

/* The number of a descriptor; *rest is put behind it. */
static bool
parse_descriptor(const char **rest, int *fd)
{
	struct slice digits = { *rest, 0 };
	uint64_t number;

	if (**rest != ' ')
		return false;
	digits.data++;
	digits.len = strcspn(digits.data, " ");
	*rest = digits.data + digits.len;
	*fd = -1;
	if (slice_is(digits, "-1"))
		return true;
	if (!slice_parse_number(digits, &number) || number > INT_MAX)
		return false;
	*fd = (int)number;
	return true;
}

static enum manifest_error
finish(struct manifest *m, struct manifest_line *line, const char *rest,
    struct manifest_line *result)
{
	enum manifest_error error;

	if (rest[0] == ' ' && rest[1] == '\0')
		return MANIFEST_LACKS_VALUE;
	line->value = rest + (*rest == ' ');
	error = check(m, line);
	if (!error)
		*result = *line;
	return error;
}

enum manifest_error
manifest_parse_message(struct manifest *m, struct manifest_line *result,
    const char *text, int fd)
{
	struct manifest_line line = { .fd = fd };
	const char *rest;

	if (!find_keyword(text, &line.keyword, &rest))
		return MANIFEST_UNKNOWN;
	return finish(m, &line, rest, result);
}

enum manifest_error
manifest_parse(struct manifest *m, struct manifest_line *result,
    const char *text)
{
	struct manifest_line line = { .fd = -1 };
	const char *rest;

	if (!find_keyword(text, &line.keyword, &rest))
		return MANIFEST_UNKNOWN;
	if (entries[line.keyword].descriptor != NO_FD &&
	    !parse_descriptor(&rest, &line.fd))
		return MANIFEST_LACKS_DESCRIPTOR;
	return finish(m, &line, rest, result);
}

/*
 * Formatting.
 */

static enum manifest_error
check_output(struct manifest *m, enum manifest_keyword keyword, int fd,
    const char *value)
{
	struct manifest_line line = { keyword, fd, value, 0 };

	if (strchr(value, '\n'))
		return MANIFEST_HAS_LINE_FEED;
	return check(m, &line);
}

/* The space before a value, where there is one. */
static const char *
space(const char *value)
{
	return *value ? " " : "";
}

enum manifest_error
manifest_format_message(struct manifest *m, char text[MANIFEST_LINE_BYTES],
    enum manifest_keyword keyword, int fd, const char *value)
{
	enum manifest_error error = check_output(m, keyword, fd, value);

	if (!error)
		snprintf(text, MANIFEST_LINE_BYTES, "%s%s%s",
		    entries[keyword].name, space(value), value);
	return error;
}

enum manifest_error
manifest_format(struct manifest *m, char text[MANIFEST_LINE_BYTES],
    enum manifest_keyword keyword, int fd, const char *value)
{
	enum manifest_error error;

	if (entries[keyword].descriptor == NO_FD)
		return manifest_format_message(m, text, keyword, fd, value);
	error = check_output(m, keyword, fd, value);
	if (!error)
		snprintf(text, MANIFEST_LINE_BYTES, "%s %d%s%s",
		    entries[keyword].name, fd, space(value), value);
	return error;
}

bool
manifest_is_for(enum manifest_keyword keyword, enum manifest_audience audience)
{
	return entries[keyword].audiences & audience;
}

const char *
manifest_name(enum manifest_keyword keyword)
{
	return entries[keyword].name;
}

const char *
manifest_describe(enum manifest_error error)
{
	static const char *const texts[] = {
		[MANIFEST_OK] = "the value makes no sense",
		[MANIFEST_UNKNOWN] = "the keyword is unknown",
		[MANIFEST_FOREIGN] = "the keyword is for another reader",
		[MANIFEST_REPEATED] = "the keyword stands there twice",
		[MANIFEST_LACKS_DESCRIPTOR] = "the descriptor is missing",
		[MANIFEST_HAS_DESCRIPTOR] = "the descriptor is superfluous",
		[MANIFEST_CLOSED_DESCRIPTOR] = "the descriptor is not open",
		[MANIFEST_LACKS_VALUE] = "the value is missing",
		[MANIFEST_HAS_VALUE] = "the value is superfluous",
		[MANIFEST_BAD_NUMBER] = "the value is no possible number",
		[MANIFEST_HAS_LINE_FEED] = "the value has a line feed",
		[MANIFEST_TOO_LONG] = "the value is too long",
	};

	return texts[error];
}
