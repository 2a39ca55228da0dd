/*
 * What the master answers to prong(1), and how that is shown: to people, and to
 * programs in JSON.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CLI_REPLY_H
#define PRONG_CLI_REPLY_H

#include <stddef.h>

#define ANSWER_LINES_MAX 1024

/* What the master said, line by line, and the status at the end. */
struct answer {
	char *lines[ANSWER_LINES_MAX];
	size_t count;
	int status;
};

/* The values of that keyword, one after the other: *cursor begins at 0; NULL
 * past the last. */
const char *answer_next_value(const struct answer *answer, const char *keyword,
    size_t *cursor);

/* Of the request "status". */
void answer_print_status(const struct answer *answer);
void answer_print_json_status(const struct answer *answer);

/* Of all others. */
void answer_print_json_outcome(const struct answer *answer);

#endif
