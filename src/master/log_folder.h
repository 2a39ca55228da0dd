/*
 * The folder of a log, which "make install" leaves to the first start: who will
 * write there, the user prong or another one, is known only then.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_LOG_FOLDER_H
#define PRONG_MASTER_LOG_FOLDER_H

#include <stdbool.h>

struct identity;

/*
 * Makes the folder of that absolute path with the mode 0750 if only that one is
 * missing. As root it makes it in a folder of root's alone, reached without a
 * link, and gives it to the user of the server. is_trial: nothing is made. Whether
 * it was made, or could be.
 */
bool log_folder_make(const char *path, const struct identity *user,
    bool is_trial);

#endif
