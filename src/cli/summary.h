/*
 * The figures in the output of prong status.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CLI_SUMMARY_H
#define PRONG_CLI_SUMMARY_H

struct figures;

/* Prints lines, and the table of connections, of which at most so many are shown. */
void summary_print(struct figures *figures, unsigned connections);

/* Prints members of a JSON object, with a comma before each. */
void summary_print_json(const struct figures *figures);

#endif
