/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <prong/handler.h>

#include "static/types.h"

/* Debian's file has 72 KiB. */
#define MAX_FILE_BYTES (4 * 1024 * 1024)
/* A longer text after the last dot is no extension. */
#define MAX_EXTENSION_BYTES 32

#define BLANKS		    " \t\r\n\f\v"

/* In the syntax of mime.types: enough for a site on a system without one. */
static const char builtin[] = "application/gzip gz tgz\n"
			      "application/json json map\n"
			      "application/manifest+json webmanifest\n"
			      "application/pdf pdf\n"
			      "application/wasm wasm\n"
			      "application/xhtml+xml xhtml\n"
			      "application/xml xml\n"
			      "application/atom+xml atom\n"
			      "application/rss+xml rss\n"
			      "application/zip zip\n"
			      "application/zstd zst\n"
			      "application/x-bzip2 bz2\n"
			      "application/x-tar tar\n"
			      "application/x-xz xz\n"
			      "audio/flac flac\n"
			      "audio/mp4 m4a\n"
			      "audio/mpeg mp3\n"
			      "audio/ogg ogg opus\n"
			      "audio/x-wav wav\n"
			      "font/otf otf\n"
			      "font/ttf ttf\n"
			      "font/woff woff\n"
			      "font/woff2 woff2\n"
			      "image/avif avif\n"
			      "image/gif gif\n"
			      "image/jpeg jpg jpeg\n"
			      "image/png png\n"
			      "image/svg+xml svg\n"
			      "image/vnd.microsoft.icon ico\n"
			      "image/webp webp\n"
			      "text/calendar ics\n"
			      "text/css css\n"
			      "text/csv csv\n"
			      "text/html html htm\n"
			      "text/javascript js mjs\n"
			      "text/markdown md\n"
			      "text/plain txt text log conf toml\n"
			      "text/vtt vtt\n"
			      "video/mp4 mp4\n"
			      "video/webm webm\n"
			      "application/yaml yaml yml\n";

struct filling {
	struct types_list *list;
	struct prong_opening *opening;
	const char *charset;
	size_t room;
	int rank;
};

/* A table that routes share, and what it was made from. */
struct table {
	struct types_list list;
	const char *mime_types; /* NULL: none */
	const char *charset;
	struct table *next;
};

/* Whether a type is text with a parameter charset (RFC 2046 4.1.2). JSON is
 * always UTF-8, and an XML file declares its charset. */
static int
is_text(const char *type)
{
	return strncasecmp(type, "text/", 5) == 0 ||
	    strcasecmp(type, "application/javascript") == 0;
}

/* The type with its charset, as it is sent; NULL when memory ran out. */
static const char *
with_charset(const struct filling *f, const char *type)
{
	static const char between[] = "; charset=";
	size_t size;
	char *sent;

	if (*f->charset == '\0' || !is_text(type) || strchr(type, ';'))
		return type;
	size = strlen(type) + sizeof(between) + strlen(f->charset);
	sent = prong_open_alloc(f->opening, size);
	if (sent)
		snprintf(sent, size, "%s%s%s", type, between, f->charset);
	return sent;
}

/* Adds an entry while there is room; the extension is changed to lower case. */
static void
add(struct filling *f, char *extension, const char *sent)
{
	struct types_entry *entry;
	char *c;

	if (f->list->count == f->room)
		return;
	for (c = extension; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	entry = &f->list->entries[f->list->count++];
	entry->extension = extension;
	entry->type = sent;
	entry->rank = f->rank++;
}

/* Adds the entries of a text in the syntax of mime.types. The text is cut into
 * strings, which the entries use. */
static int
add_text(struct filling *f, char *text)
{
	char *line, *word, *lines, *words;
	const char *sent;

	for (line = strtok_r(text, "\n", &lines); line;
	     line = strtok_r(NULL, "\n", &lines)) {
		line[strcspn(line, "#")] = '\0';
		word = strtok_r(line, BLANKS, &words);
		if (!word || !strchr(word, '/'))
			continue;
		sent = with_charset(f, word);
		if (!sent)
			return -1;
		while ((word = strtok_r(NULL, BLANKS, &words)))
			add(f, word, sent);
	}
	return 0;
}

static int
add_extras(struct filling *f, const struct types_extra *extras, uint64_t count)
{
	const char *name, *sent;
	char *extension;
	uint64_t i;

	for (i = 0; i < count; i++) {
		name = extras[i].extension;
		name += *name == '.';
		extension = prong_open_alloc(f->opening, strlen(name) + 1);
		sent = with_charset(f, extras[i].type);
		if (!extension || !sent)
			return -1;
		add(f, strcpy(extension, name), sent);
	}
	return 0;
}

static int
compare_extension(const void *a, const void *b)
{
	const struct types_entry *x = a, *y = b;

	return strcmp(x->extension, y->extension);
}

/* Entries with the same extension: the highest rank comes first. */
static int
compare_entry(const void *a, const void *b)
{
	const struct types_entry *x = a, *y = b;
	int order = strcmp(x->extension, y->extension);

	return order != 0 ? order : y->rank - x->rank;
}

static void
sort(struct types_list *list)
{
	size_t i, kept = 0;

	qsort(list->entries, list->count, sizeof(*list->entries),
	    compare_entry);
	for (i = 0; i < list->count; i++)
		if (kept == 0 ||
		    compare_extension(&list->entries[i],
			&list->entries[kept - 1]) != 0)
			list->entries[kept++] = list->entries[i];
	list->count = kept;
}

static bool
is_null(const struct stat *st)
{
	struct stat null;

	return S_ISCHR(st->st_mode) && stat("/dev/null", &null) == 0 &&
	    st->st_rdev == null.st_rdev;
}

/* Reads the whole file as text; NULL and errno: EINVAL when it is no regular
 * file. */
static char *
read_file(const char *path, struct prong_opening *opening)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text = NULL;
	struct stat st;
	ssize_t n = 0;
	size_t got = 0;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0)
		goto out;
	/* /dev/null is a table without lines. */
	errno = !S_ISREG(st.st_mode) && !is_null(&st) ? EINVAL :
	    st.st_size > MAX_FILE_BYTES		      ? EFBIG :
							0;
	if (errno != 0)
		goto out;
	text = prong_open_alloc(opening, (uint64_t)st.st_size + 1);
	if (!text)
		errno = ENOMEM;
	while (text && got < (size_t)st.st_size &&
	    (n = read(fd, text + got, (size_t)st.st_size - got)) > 0)
		got += (size_t)n;
	if (n < 0)
		text = NULL;
out:
	close(fd);
	return text;
}

/* The number of words in a text: a bound for its extensions. */
static size_t
count_words(const char *text)
{
	size_t count = 0;

	for (text += strspn(text, BLANKS); *text != '\0';
	     text += strspn(text, BLANKS)) {
		text += strcspn(text, BLANKS);
		count++;
	}
	return count;
}

/* Makes room for the entries of a list; -1 when memory ran out. */
static int
reserve(struct filling *f, size_t room)
{
	f->room = room;
	f->list->entries = prong_open_alloc(f->opening,
	    room * sizeof(*f->list->entries));
	return f->list->entries ? 0 : -1;
}

/* Reads the file, if there is one to be read, and adds what is built in. -1 and
 * errno. */
static int
fill_table(struct types_list *list, const struct types_sources *sources,
    struct prong_opening *opening)
{
	struct filling f = {
		.list = list, .opening = opening, .charset = sources->charset
	};
	char *base = prong_open_alloc(opening, sizeof(builtin)), *text = NULL;

	if (sources->mime_types) {
		text = read_file(sources->mime_types, opening);
		if (!text)
			return -1;
	}
	errno = ENOMEM;
	if (!base)
		return -1;
	memcpy(base, builtin, sizeof(builtin));
	if (reserve(&f, count_words(base) + (text ? count_words(text) : 0)) <
		0 ||
	    add_text(&f, base) < 0 || (text && add_text(&f, text) < 0))
		return -1;
	sort(list);
	return 0;
}

static bool
is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/*
 * Finds the table of these sources or reads it; NULL and errno. open() runs for
 * one route after the other, in a process that serves one configuration.
 */
static const struct types_list *
share_table(const struct types_sources *sources, struct prong_opening *opening)
{
	static struct table *tables;
	struct table *table;

	for (table = tables; table; table = table->next)
		if (is_same_text(table->mime_types, sources->mime_types) &&
		    strcmp(table->charset, sources->charset) == 0)
			return &table->list;
	table = prong_open_alloc(opening, sizeof(*table));
	if (!table) {
		errno = ENOMEM;
		return NULL;
	}
	if (fill_table(&table->list, sources, opening) < 0)
		return NULL;
	table->mime_types = sources->mime_types;
	table->charset = sources->charset;
	table->next = tables;
	tables = table;
	return &table->list;
}

int
types_fill(struct types *types, const struct types_sources *sources,
    struct prong_opening *opening)
{
	struct filling f = { .list = &types->own,
		.opening = opening,
		.charset = sources->charset };

	types->table = share_table(sources, opening);
	if (!types->table)
		return -1;
	types->fallback = with_charset(&f, sources->fallback);
	if (types->fallback && reserve(&f, sources->extra_count + 1) == 0 &&
	    add_extras(&f, sources->extras, sources->extra_count) == 0) {
		sort(&types->own);
		return 0;
	}
	errno = ENOMEM;
	return -1;
}

/* Not tolower(3): its table is in a page of libc that a new process has not
 * touched yet. */
static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static const struct types_entry *
find(const struct types_list *list, const struct types_entry *key)
{
	return bsearch(key, list->entries, list->count, sizeof(*list->entries),
	    compare_extension);
}

const char *
types_find(const struct types *types, const char *name)
{
	char extension[MAX_EXTENSION_BYTES + 1];
	const struct types_entry *found;
	struct types_entry key = { .extension = extension };
	const char *dot = strrchr(name, '.'), *slash = strrchr(name, '/');
	size_t i;

	if (!dot || (slash && dot < slash) ||
	    strlen(dot + 1) > MAX_EXTENSION_BYTES)
		return types->fallback;
	for (i = 0; dot[i + 1] != '\0'; i++)
		extension[i] = lower(dot[i + 1]);
	extension[i] = '\0';
	found = find(&types->own, &key);
	if (!found)
		found = find(types->table, &key);
	return found ? found->type : types->fallback;
}
