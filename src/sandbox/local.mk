# Runs in: generations set it up, connections add to it.
# Includes: config, http, base.
#
# SPDX-License-Identifier: ISC

src_libprong_core_a_SOURCES += \
	src/sandbox/anchor.c src/sandbox/anchor.h \
	src/sandbox/argument.c src/sandbox/argument.h \
	src/sandbox/argument_table.c src/sandbox/argument_table.h \
	src/sandbox/bounds.c src/sandbox/bounds.h \
	src/sandbox/core.c src/sandbox/core.h \
	src/sandbox/filter.c src/sandbox/filter.h \
	src/sandbox/filter_confine.c src/sandbox/filter_internal.h \
	src/sandbox/gaps.c src/sandbox/gaps.h \
	src/sandbox/landlock.c src/sandbox/landlock.h \
	src/sandbox/observer.c src/sandbox/observer.h \
	src/sandbox/oom.c src/sandbox/oom.h \
	src/sandbox/outline.c src/sandbox/outline.h \
	src/sandbox/permission.c src/sandbox/permission.h \
	src/sandbox/privilege.c src/sandbox/privilege.h \
	src/sandbox/program.c src/sandbox/program.h \
	src/sandbox/quota.c src/sandbox/quota.h \
	src/sandbox/refusal.c src/sandbox/refusal.h \
	src/sandbox/ruleset.c src/sandbox/ruleset.h \
	src/sandbox/sandbox.c src/sandbox/sandbox.h \
	src/sandbox/sandbox_anchors.c \
	src/sandbox/sandbox_query.c src/sandbox/sandbox_enter.c src/sandbox/sandbox_internal.h \
	src/sandbox/sandbox_print.c \
	src/sandbox/sandbox_resume.c \
	src/sandbox/sanitizer.c src/sandbox/sanitizer.h \
	src/sandbox/syscalls.c src/sandbox/syscalls.h \
	src/sandbox/witness.c src/sandbox/witness.h
