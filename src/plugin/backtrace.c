/* SPDX-License-Identifier: ISC */
#include "plugin/backtrace.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unwind.h>

#include "base/log.h"
#include "plugin/plugin_maps.h"

#define FRAMES_MAX     32
#define NAME_MAX_CHARS 200

/* The frames that _Unwind_Backtrace has found so far. */
struct trace {
	struct frame {
		void *address;
		bool is_return; /* address is behind a call */
	} frames[FRAMES_MAX];
	int count;
};

static _Unwind_Reason_Code
take_frame(struct _Unwind_Context *context, void *trace)
{
	struct trace *t = trace;
	int is_before;
	void *address = (void *)_Unwind_GetIPInfo(context, &is_before);

	/* The outermost function returns to nowhere. */
	if (t->count == FRAMES_MAX || !address)
		return _URC_END_OF_STACK;
	t->frames[t->count].address = address;
	t->frames[t->count++].is_return = !is_before;
	return _URC_NO_REASON;
}

/* Where that code is; false: unknown. */
static bool
find_place(uintptr_t address, struct plugin_place *place)
{
	Dl_info info;

	if (plugin_maps_find(address, place))
		return true;
	if (dladdr((void *)address, &info) == 0)
		return false;
	place->path = plugin_maps_path(info.dli_fname);
	place->offset = address - (uintptr_t)info.dli_fbase;
	place->function = info.dli_sname;
	place->function_offset = address - (uintptr_t)info.dli_saddr;
	return true;
}

/* The offset is that of the call: the instruction behind it may belong to another
 * line, or another function. */
static void
log_frame(const struct frame *f)
{
	char line[PATH_MAX + NAME_MAX_CHARS + 80];
	struct plugin_place place;
	int n;

	if (!find_place((uintptr_t)f->address - f->is_return, &place)) {
		snprintf(line, sizeof(line), "[%p]", f->address);
		log_frame_line(line);
		return;
	}
	n = snprintf(line, PATH_MAX + 64, "%s(+0x%zx) [%p]", place.path,
	    place.offset, f->address);
	if (place.function && n > 0 && n < PATH_MAX + 64)
		snprintf(line + n, sizeof(line) - (size_t)n, " %.*s+0x%zx",
		    NAME_MAX_CHARS, place.function, place.function_offset);
	log_frame_line(line);
}

/* Not backtrace(3), which loads libgcc_s: its maps would slow every fork. */
void
backtrace_log(void)
{
	static struct trace trace;
	int i = 0, first;

	trace.count = 0;
	_Unwind_Backtrace(take_frame, &trace);
	/* Frames of this function, its callers, and libc's around these. */
	while (i < trace.count && trace.frames[i].is_return)
		i++;
	for (first = i < trace.count ? i : 0; first < trace.count; first++)
		log_frame(&trace.frames[first]);
}
