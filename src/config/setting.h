/*
 * Reading one setting: its type and range are checked, and what is wrong is
 * reported as "NAME: found ...; possible: ...". The core's settings and the
 * options of plugins are read by these alike.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_SETTING_H
#define PRONG_CONFIG_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libconfig.h>

struct arena;
struct report;

#define SETTING_NAME_BYTES     128
#define SETTING_NAME_MAX_CHARS 63 /* memfd names end at 249 */

/* The name as a person would say it: "listen[1]", "flag.rules[0].status". The
 * lists of sites, routes and handlers are left out: the line tells which. */
const char *setting_name(const config_setting_t *setting,
    char name[SETTING_NAME_BYTES]);

/* Whether a handler or an option can be called that: [a-z][a-z0-9_-]*. */
bool setting_is_name(const char *name);

/* "NAME: found WHAT IS THERE; possible: ...". */
void setting_wrong(const config_setting_t *setting, struct report *report,
    const char *possible, ...) __attribute__((__format__(__printf__, 3, 4)));

/* Reports a setting that nobody knows; also: what else may stand there, or
 * NULL. */
void setting_unknown(const config_setting_t *setting, struct report *report,
    const char *const *known, size_t known_count, const char *also);

/* The known name that a misspelt one comes close to, or NULL. */
const char *setting_nearest(const char *name, const char *const *known,
    size_t known_count);

/* These return 0, or -1 after reporting; *value is then unchanged. Numbers
 * from minimum to maximum; both 0: any that is not negative (an integer: any).
 * A size may be a plain number of bytes; a time always needs its unit. */
int setting_integer(const config_setting_t *setting, int64_t minimum,
    int64_t maximum, int64_t *value, struct report *report);
int setting_size(const config_setting_t *setting, int64_t minimum,
    int64_t maximum, int64_t *value, struct report *report);
int setting_time(const config_setting_t *setting, int64_t minimum,
    int64_t maximum, int64_t *value, struct report *report);
int setting_bool(const config_setting_t *setting, bool *value,
    struct report *report);
int setting_choice(const config_setting_t *setting, const char *const *choices,
    size_t count, size_t *value, struct report *report);

/* The text, which lives as long as the tree; NULL after reporting. */
const char *setting_string(const config_setting_t *setting,
    struct report *report);

/* The same for a path, which must be absolute and hold no control
 * character. */
const char *setting_path(const config_setting_t *setting,
    struct report *report);

/*
 * A string, or an array or list of them: the setting that holds the string of
 * that index, or NULL past the last. setting_check_strings reports a wrong
 * type first, and returns how many there are, or -1.
 */
long setting_check_strings(const config_setting_t *setting,
    struct report *report);
const config_setting_t *setting_string_at(const config_setting_t *setting,
    long index);

/* Zeroed memory of the arena for what the setting says (NULL: for all of them);
 * NULL after reporting that there is none. */
void *setting_alloc(struct arena *arena, const config_setting_t *setting,
    size_t size, struct report *report);

/* Text as a list of names, ", " between: for messages. */
void setting_join(char *out, size_t size, const char *const *names,
    size_t count);

#endif
