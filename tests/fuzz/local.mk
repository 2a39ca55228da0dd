# Fuzz targets: tests/fuzz/fuzz_NAME.c with seeds in tests/fuzz/corpus/NAME. To
# add one, add NAME to the list and its replay below. make check runs the seeds
# alone, by whatever compiler; fuzz.mk has what needs clang.
#
# SPDX-License-Identifier: ISC

fuzz_targets = \
	head \
	chunked \
	uri \
	ranges \
	date \
	conditional \
	configuration \
	options \
	address \
	proxy \
	connection

fuzz_tests = \
	tests/fuzz/replay_head \
	tests/fuzz/replay_chunked \
	tests/fuzz/replay_uri \
	tests/fuzz/replay_ranges \
	tests/fuzz/replay_date \
	tests/fuzz/replay_conditional \
	tests/fuzz/replay_configuration \
	tests/fuzz/replay_options \
	tests/fuzz/replay_address \
	tests/fuzz/replay_proxy \
	tests/fuzz/replay_connection

replay = tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_replay_head_SOURCES = tests/fuzz/fuzz_head.c $(replay)
tests_fuzz_replay_chunked_SOURCES = tests/fuzz/fuzz_chunked.c $(replay)
tests_fuzz_replay_uri_SOURCES = tests/fuzz/fuzz_uri.c $(replay)
tests_fuzz_replay_uri_LDADD = plugins/shared/static_la-escape.lo $(LDADD)
tests_fuzz_replay_ranges_SOURCES = tests/fuzz/fuzz_ranges.c $(replay)
tests_fuzz_replay_date_SOURCES = tests/fuzz/fuzz_date.c $(replay)
tests_fuzz_replay_conditional_SOURCES = tests/fuzz/fuzz_conditional.c $(replay)
tests_fuzz_replay_configuration_SOURCES = \
	tests/fuzz/fuzz_configuration.c $(replay)
tests_fuzz_replay_options_SOURCES = tests/fuzz/fuzz_options.c $(replay)
tests_fuzz_replay_address_SOURCES = tests/fuzz/fuzz_address.c $(replay)
tests_fuzz_replay_proxy_SOURCES = tests/fuzz/fuzz_proxy.c $(replay)
tests_fuzz_replay_connection_SOURCES = tests/fuzz/fuzz_connection.c $(replay) \
	tests/fuzz/answers.c tests/fuzz/answers.h \
	tests/fuzz/handlers.c tests/fuzz/handlers.h

if !STATIC
check_PROGRAMS += $(fuzz_tests)
TESTS += $(fuzz_tests)
endif
EXTRA_DIST += tests/fuzz/.gitattributes tests/fuzz/fuzz.mk tests/fuzz/smoke tests/fuzz/coverage.sh \
	tests/fuzz/http.dict tests/fuzz/corpus

clean-local: fuzz-clean

-include $(top_srcdir)/tests/fuzz/fuzz.mk
