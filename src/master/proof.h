/*
 * The proof of an upgrade, in the new program: whether it can take over from
 * the present release (upgrade.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_PROOF_H
#define PRONG_MASTER_PROOF_H

struct command;

/* Checks the state, the configuration and the handlers; errors and warnings are
 * copied to the present release. The exit status of the process. */
int proof_run(const struct command *command);

#endif
