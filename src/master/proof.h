/*
 * The proof of an upgrade, in the new program: whether it could go on where the
 * release before is (upgrade.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_PROOF_H
#define PRONG_MASTER_PROOF_H

struct command;

/* Reads the state, the configuration and the handlers; what is wrong is copied to
 * the release before. The process's exit status. */
int proof_run(const struct command *command);

#endif
