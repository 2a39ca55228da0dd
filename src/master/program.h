/*
 * The program of this process: its open file, from which generations are
 * executed even when the file is replaced; and the path that it was started by,
 * where another release may be installed.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_PROGRAM_H
#define PRONG_MASTER_PROGRAM_H

/* A descriptor (O_PATH) of the file that this process executes. -1 and errno.
 * */
int program_open(void);

/* The path of the program, from the first argument of main. malloc; NULL and
 * errno. */
char *program_path(const char *argument);

#endif
