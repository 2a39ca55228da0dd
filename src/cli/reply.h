/*
 * The reply of the master to prong(1), and its output for people and, in JSON,
 * for programs.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CLI_REPLY_H
#define PRONG_CLI_REPLY_H

#include <stddef.h>

#define REPLY_LINES_MAX 1024

/* The lines that the master sent, and the status of the request. */
struct reply {
	char *lines[REPLY_LINES_MAX];
	size_t count;
	int status;
};

/* Walks over the values of a keyword: *cursor begins at 0; NULL after the last
 * value. */
const char *reply_next_value(const struct reply *reply, const char *keyword,
    size_t *cursor);

/* Print the reply to the request "status"; in JSON without the brace at the end, so
 * that more members can follow. */
void reply_print_status(const struct reply *reply);
void reply_print_json_status(const struct reply *reply);

/* Prints the reply to any other request. */
void reply_print_json_outcome(const struct reply *reply);

#endif
