/*
 * The configuration of "prongd DIR": one site with one route, which is served
 * at 127.0.0.1:8080 unless the command line says otherwise.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_FOLDER_SITE_H
#define PRONG_CONFIG_FOLDER_SITE_H

#include <stdbool.h>

struct report;
struct sources;

/* Makes that configuration. plugin_folder may be NULL. is_listed: a folder
 * without an index is answered by a listing. NULL after reporting, for example
 * when there is no such folder. */
struct sources *folder_site_sources(const char *folder,
    const char *plugin_folder, bool is_listed, struct report *report);

#endif
