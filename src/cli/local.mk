# Runs in: prong, the administrator's command.
# Includes: base.
#
# SPDX-License-Identifier: ISC

bin_PROGRAMS += src/prong
src_prong_SOURCES = src/cli/prong.c \
	src/cli/figures.c src/cli/figures.h \
	src/cli/inquiry.c src/cli/inquiry.h \
	src/cli/log_view.c src/cli/log_view.h \
	src/cli/measure.c src/cli/measure.h \
	src/cli/overview.c src/cli/overview.h \
	src/cli/overview_table.c \
	src/cli/printable.c src/cli/printable.h \
	src/cli/reply.c src/cli/reply.h \
	src/cli/screen.c src/cli/screen.h \
	src/cli/summary.c src/cli/summary.h \
	src/cli/terminal.c src/cli/terminal.h \
	src/cli/top.c src/cli/top.h
src_prong_LDFLAGS = $(AM_LDFLAGS) $(link_ldflags)
src_prong_LDADD = src/libprong-core.a
