/*
 * The options of static, and the data that open() makes from them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdint.h>

#include <prong/handler.h>

#include "shared/extra_fields.h"
#include "static/beneath.h"
#include "static/types.h"

struct cache;

enum { SYMLINKS_NEVER, SYMLINKS_INSIDE };

enum { ETAG_CTIME, ETAG_MTIME, ETAG_CONTENT };

struct static_config {
	/* options */
	const char *root;
	struct prong_strings index;
	int32_t symlinks;
	struct prong_strings also;
	int32_t dot_files;
	int32_t listing;
	int32_t precompressed;
	int32_t etag;
	const char *fallback; /* NULL: none */
	int32_t decline;
	const char *mime_types;
	struct prong_groups types; /* struct types_extra */
	const char *default_type;
	const char *charset;
	const char *cache_control;
	struct prong_strings fields;
	int64_t cache;	    /* octets; 0: keeps nothing */
	int64_t revalidate; /* ms */

	/* made by open() */
	struct beneath beneath;
	struct types table;
	struct extra_fields extra_fields;
	struct cache *kept; /* shared by all handlers; NULL: none */
};

#endif
