# Tools for tests of what goes on while the server is being changed.
#
# SPDX-License-Identifier: ISC

check_PROGRAMS += tests/operations/hammer
tests_operations_hammer_SOURCES = \
	tests/operations/client.c tests/operations/client.h \
	tests/operations/hammer.c \
	tests/operations/pattern.c tests/operations/pattern.h \
	tests/operations/tally.c tests/operations/tally.h \
	$(client_sources)
tests_operations_hammer_CPPFLAGS = $(AM_CPPFLAGS) \
	-iquote $(top_srcdir)/tests/bench
tests_operations_hammer_LDADD =
