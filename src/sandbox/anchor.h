/*
 * Anchors: files and folders that are held open (O_PATH), so that a ruleset that
 * is made later is for the files of the start, whatever their names lead to by
 * then. Each makes every fork slower, so there are few.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_ANCHOR_H
#define PRONG_SANDBOX_ANCHOR_H

/* Opens the path until anchor_close_all. Returns the descriptor, above 0; 0 where
 * nothing is or may be seen; -1 and errno. */
int anchor_open(const char *path);

/* Closes all, as in a process that makes no further ruleset. */
void anchor_close_all(void);

#endif
