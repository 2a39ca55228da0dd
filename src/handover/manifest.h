/*
 * The manifest: the format of lines in which prong passes state between
 * processes. It has three readers: the master for a snapshot, which the config
 * loader sends line by line; a generation, for the handover; and another
 * release, for the state of an upgrade. A table has the content of each keyword
 * and the readers that know it. The readers give the lines their meaning;
 * manifest_io.h transports them.
 *
 *	KEYWORD-fd FD[ VALUE]	in a file: the number of an open descriptor;
 *				-1 when an optional one is missing
 *	KEYWORD-fd[ VALUE]	in a message, with the descriptor
 *	KEYWORD-path PATH
 *	KEYWORD[ VALUE]
 *	end
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HANDOVER_MANIFEST_H
#define PRONG_HANDOVER_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A value, with its NUL: a name and two paths. */
#define MANIFEST_VALUE_BYTES ((size_t)3 * 4096)
/* Room for a line: a keyword, a descriptor's number, spaces, a line feed. */
#define MANIFEST_LINE_BYTES (MANIFEST_VALUE_BYTES + 64)

enum manifest_audience {
	MANIFEST_FOR_SNAPSHOT = 1,
	MANIFEST_FOR_GENERATION = 2,
	MANIFEST_FOR_UPGRADE = 4
};

enum manifest_keyword {
	/* The first lines. */
	MANIFEST_RELEASE, /* "prong VERSION" */
	MANIFEST_STATE,	  /* "prong-state PROTOCOL" */
	/* The master and its generations. */
	MANIFEST_STARTED,	/* seconds since 1970 */
	MANIFEST_STARTED_MS,	/* the same, of clock_ms */
	MANIFEST_TOTALS_FD,	/* counts of all generations (annals.h) */
	MANIFEST_BULLETIN_FD,	/* what the master says (bulletin.h) */
	MANIFEST_SCOREBOARD_FD, /* of a generation; in the state of an upgrade,
				    for reading, its NUMBER */
	MANIFEST_LEDGERS_FD,	/* likewise */
	MANIFEST_GENERATION,	/* number of the generation */
	MANIFEST_RELOAD,	/* whether it starts for a reload: 1, 0 */
	MANIFEST_GENERATIONS,	/* number of the last generation */
	MANIFEST_HUNG,		/* number of those that hung */
	MANIFEST_PROGRAM_PATH,	/* the path that the master was started by */
	MANIFEST_LOG,		/* STYLE LEVEL */
	MANIFEST_CONTROL_FD,	/* the generation's socket to the master */
	MANIFEST_GENERATION_FD, /* the master's socket to that generation:
				    NUMBER PID PHASE EXECUTED-MS DEADLINE-MS
				    MISSING */
	MANIFEST_LISTENER_FD,	/* ADDRESS */
	MANIFEST_ACCESS_LOG_FD,
	MANIFEST_ERROR_LOG_FD,
	MANIFEST_STANDARD_ERROR_FD, /* as it was (errorlog.h) */
	MANIFEST_CONTROL_SOCKET_FD, /* GROUP DEVICE INODE PATH (control.h) */
	MANIFEST_CLIENT_FD,	    /* TOPIC */
	/* The configuration. */
	MANIFEST_SOURCE_FD, /* PATH */
	MANIFEST_PAGE_FD,   /* PATH */
	MANIFEST_PLUGIN_FD, /* NAME PATH */
	MANIFEST_IDENTITY,
	MANIFEST_GROUP,		       /* GID */
	MANIFEST_SITES,		       /* their number */
	MANIFEST_LISTEN,	       /* ADDRESS */
	MANIFEST_DEFER_ACCEPT,	       /* 0 or 1 */
	MANIFEST_ACCESS_LOG_PATH,      /* or "-" */
	MANIFEST_ERROR_LOG_PATH,       /* or "stderr", "syslog" */
	MANIFEST_CONTROL_PATH,	       /* absent: none */
	MANIFEST_DEFAULT_CONTROL_PATH, /* the same, when no setting names it */
	MANIFEST_CONTROL_GROUP,	       /* GID */
	MANIFEST_LOG_LEVEL,
	MANIFEST_STOP_GRACE, /* ms */
	MANIFEST_DRAIN_TIMEOUT,
	MANIFEST_OPEN_TIMEOUT,
	MANIFEST_END, /* the last line: a manifest without it was cut */
	MANIFEST_KEYWORDS
};

struct manifest_line {
	enum manifest_keyword keyword;
	int fd;		   /* -1: none */
	const char *value; /* "": none; points into the text */
	int64_t number;	   /* the value, where that is a number */
};

enum manifest_error {
	MANIFEST_OK,
	MANIFEST_UNKNOWN,
	MANIFEST_FOREIGN,
	MANIFEST_REPEATED,
	MANIFEST_LACKS_DESCRIPTOR,
	MANIFEST_HAS_DESCRIPTOR,
	MANIFEST_CLOSED_DESCRIPTOR,
	MANIFEST_LACKS_VALUE,
	MANIFEST_HAS_VALUE,
	MANIFEST_BAD_NUMBER,
	MANIFEST_HAS_LINE_FEED,
	MANIFEST_TOO_LONG
};

/* A manifest that is being read or written: its reader, and the keywords that
 * it has so far. Begins as { .audience = ... }. */
struct manifest {
	enum manifest_audience audience;
	uint64_t seen;
};

/* Parses a line of a message, which came with that descriptor or -1; or a line
 * of a file. Only MANIFEST_OK fills in the line and counts the keyword. The
 * caller keeps the descriptor. */
enum manifest_error manifest_parse_message(struct manifest *manifest,
    struct manifest_line *line, const char *text, int fd);
enum manifest_error manifest_parse(struct manifest *manifest,
    struct manifest_line *line, const char *text);

/* Writes the line as the same functions read it, without a line feed. fd: -1
 * for none; value: "" for none. MANIFEST_OK, or why the reader would
 * refuse the line. */
enum manifest_error manifest_format_message(struct manifest *manifest,
    char text[MANIFEST_LINE_BYTES], enum manifest_keyword keyword, int fd,
    const char *value);
enum manifest_error manifest_format(struct manifest *manifest,
    char text[MANIFEST_LINE_BYTES], enum manifest_keyword keyword, int fd,
    const char *value);

/* Whether that reader knows the keyword. */
bool manifest_is_for(enum manifest_keyword keyword,
    enum manifest_audience audience);

const char *manifest_name(enum manifest_keyword keyword);

/* The error in a line, for people; for MANIFEST_OK: the reader refuses the
 * value. */
const char *manifest_describe(enum manifest_error error);

#endif
