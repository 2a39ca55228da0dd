# Runs in: prong, the administrator's command.
# Includes: base.
#
# SPDX-License-Identifier: ISC

bin_PROGRAMS += src/prong
src_prong_SOURCES = src/cli/prong.c \
	src/cli/log_view.c src/cli/log_view.h \
	src/cli/printable.c src/cli/printable.h \
	src/cli/reply.c src/cli/reply.h
src_prong_LDFLAGS = $(AM_LDFLAGS) $(link_ldflags)
src_prong_LDADD = src/libprong-core.a
