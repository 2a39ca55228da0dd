# What holds for the sources themselves, and the developer's tools. The tests are
# part of make check, the tools are not:
#
#	make format		lays out all C files in place, by .clang-format
#	make format-check	names each line that is laid out otherwise
#	make lint		analysers for C, shell, Perl and the manual
#	make check-quick	the tests that take seconds
#	make coverage		the lines that the whole suite reaches
#
# SPDX-License-Identifier: ISC

house_tests = \
	tests/house/bootstrap.t \
	tests/house/circles-fail.t \
	tests/house/circles.t \
	tests/house/configure.t \
	tests/house/dist.t \
	tests/house/install.t \
	tests/house/layers-fail.t \
	tests/house/layers.t \
	tests/house/protocol.t

if !STATIC
TESTS += $(house_tests)
endif
EXTRA_DIST += $(house_tests) .clang-format .clang-tidy \
	src/README.md \
	tests/house/coverage \
	tests/house/exceptions \
	tests/house/format \
	tests/house/lint

format:
	@$(SHELL) $(top_srcdir)/tests/house/format $(top_srcdir)

format-check:
	@$(SHELL) $(top_srcdir)/tests/house/format $(top_srcdir) --check

if !HAVE_PQ
lint_without = examples/handlers/postgres.c
endif
lint: $(page_lines)
	@LINT_WITHOUT="$(lint_without)" \
	$(PERL) -w $(top_srcdir)/tests/house/lint $(top_srcdir) \
	$(DEFS) $(AM_CPPFLAGS) -Iplugins $(CPPFLAGS) $(CONFIG_CFLAGS) $(SECCOMP_CFLAGS) \
	$(PQ_CFLAGS)

# No test here waits for a time or loads the machine.
quick_server_tests = \
	tests/server/config-errors.t \
	tests/server/control.t \
	tests/server/echo.t \
	tests/server/flag.t \
	tests/server/head.t \
	tests/server/hello.t \
	tests/server/status.t \
	tests/server/template.t
quick_programs = \
	examples/handlers/hello.la \
	examples/handlers/template.la \
	tests/plugins/act.la
if UNIT_TESTS
quick_unit_tests = $(unit_tests)
endif

# The lists are emptied so that check-TESTS builds no program beyond these.
check-quick: all
	@$(MAKE) $(AM_MAKEFLAGS) $(quick_programs) $(quick_unit_tests)
	@$(MAKE) $(AM_MAKEFLAGS) check-TESTS \
	check_PROGRAMS= check_LTLIBRARIES= \
	TESTS='$(quick_unit_tests) $(house_tests) $(quick_server_tests)'

# Most processes of the daemon end by _exit or by a signal, as another user, in
# a sandbox. clang can count in a mapped file, which all this leaves alone; gcc
# writes its counters at exit. The build is in a folder of its own.
COVERAGE_CC = clang
coverage_cflags = -O1 -g -fprofile-instr-generate -fcoverage-mapping
coverage_cppflags = -mllvm -runtime-counter-relocation

coverage:
	@$(MKDIR_P) coverage
	@test -f coverage/Makefile || { cd coverage && \
	'$(abs_top_srcdir)/configure' --quiet CC='$(COVERAGE_CC)' \
	CFLAGS='$(coverage_cflags)' CPPFLAGS='$(coverage_cppflags)'; }
	@LLVM_COV='$(LLVM_COV)' LLVM_PROFDATA='$(LLVM_PROFDATA)' \
	MAKE='$(MAKE)' $(PERL) -w $(top_srcdir)/tests/house/coverage \
	'$(abs_top_srcdir)' '$(abs_builddir)/coverage'

clean-local: house-clean
house-clean:
	rm -rf coverage

.PHONY: format format-check lint check-quick coverage house-clean
