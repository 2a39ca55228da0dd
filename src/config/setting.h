/*
 * One setting: its type and range are checked, and a wrong value is reported as
 * "NAME: found ...; possible: ...". These functions read the settings of the
 * core and the options of plugins.
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

/* Writes the setting's name for messages: "listen[1]", "flag.rules[0].status".
 * Indexes of sites, routes and handlers are left out, as messages have the
 * line's number. Returns name. */
const char *setting_name(const config_setting_t *setting,
    char name[SETTING_NAME_BYTES]);

/* Whether a handler or an option can have that name: [a-z][a-z0-9_-]*. */
bool setting_is_name(const char *name);

/* Reports "NAME: found VALUE; possible: ...". */
void setting_wrong(const config_setting_t *setting, struct report *report,
    const char *possible, ...) __attribute__((__format__(__printf__, 3, 4)));

/* Reports an unknown setting and the known names; also: a text about other
 * possible settings, or NULL. */
void setting_unknown(const config_setting_t *setting, struct report *report,
    const char *const *known, size_t known_count, const char *also);

/* The known name that is similar to a misspelt one, or NULL. */
const char *setting_nearest(const char *name, const char *const *known,
    size_t known_count);

/* These functions return 0, or -1 after reporting; *value is then unchanged.
 * The value must be from minimum to maximum. When both are 0, a size or time
 * must not be negative and an integer is not limited. A size may be a plain
 * number of bytes; a time always needs its unit. */
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

/* The text, owned by the tree; NULL after reporting. */
const char *setting_string(const config_setting_t *setting,
    struct report *report);

/* The same for a path, which must be absolute and hold no control
 * character. */
const char *setting_path(const config_setting_t *setting,
    struct report *report);

/*
 * For a setting that is a string, or an array or list of strings.
 * setting_check_strings returns the number of strings, or -1 after reporting
 * a wrong type; call it first. setting_string_at returns the setting of the
 * string with that index, or NULL after the last string.
 */
long setting_check_strings(const config_setting_t *setting,
    struct report *report);
const config_setting_t *setting_string_at(const config_setting_t *setting,
    long index);

/* Zeroed memory of the arena for the value of a setting (NULL: of no particular
 * setting); NULL after reporting that there is no memory. */
void *setting_alloc(struct arena *arena, const config_setting_t *setting,
    size_t size, struct report *report);

/* Writes the names with ", " between them, for messages. */
void setting_join(char *out, size_t size, const char *const *names,
    size_t count);

#endif
