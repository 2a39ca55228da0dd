/*
 * Folders that the path options of handlers name. The rules of the sandbox, and
 * descriptors of handlers, belong to folders and not to names: a folder that was
 * removed and made again, replaced, or mounted over is beyond the reach of a
 * generation. A helper looks every few seconds whether each name still leads to
 * the folder of the start, and tells the generation, which asks to be replaced.
 * It may wait for a disk or for another machine; the generation never does.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_FOLDERS_H
#define PRONG_GENERATION_FOLDERS_H

#include <stdbool.h>
#include <sys/types.h>

struct configuration;
struct folders;

/* Notes the folders, once the options are filled and before handlers open them.
 * NULL and errno. */
struct folders *folders_new(const struct configuration *configuration);

/* Starts the helper, if there are folders; to be called once the sandbox is
 * entered. Its socket has a number from private_base on. 0, or -1 and errno. */
int folders_watch(struct folders *folders, const char *title, int private_base);

/* The helper; 0: none. */
pid_t folders_pid(const struct folders *folders);

/* Readable when the helper has said something; -1: none. */
int folders_descriptor(const struct folders *folders);

/* Logs what the helper has said. True when the generation should be replaced. */
bool folders_hear(struct folders *folders);

#endif
