# Fuzzing by libFuzzer. Included by make itself, since Automake knows no pattern
# rules; has Automake's variables all the same.
#
#	make fuzz-smoke			each target over its seeds and on, 60 s
#	make fuzz-smoke FUZZ_SECONDS=3600
#	make fuzz			the targets alone, tests/fuzz/clang/fuzz_*
#	make fuzz-coverage		the lines that the seeds reach
#
# SPDX-License-Identifier: ISC

FUZZ_CC = clang
FUZZ_CFLAGS = -O1 -g
FUZZ_SECONDS = 60
LLVM_COV = llvm-cov-14
LLVM_PROFDATA = llvm-profdata-14

fuzz_folder = tests/fuzz/clang
fuzz_instrument = -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -fsanitize=fuzzer-no-link
fuzz_link = -fsanitize=fuzzer
fuzz_main =
fuzz_corpus = $(top_srcdir)/tests/fuzz/corpus

# _FORTIFY_SOURCE hides calls from the address sanitizer.
fuzz_compile = $(FUZZ_CC) -std=gnu11 $(DEFS) $(AM_CPPFLAGS) $(CPPFLAGS) \
	-U_FORTIFY_SOURCE $(CONFIG_CFLAGS) $(FUZZ_CFLAGS) $(fuzz_instrument)

fuzz_core = $(addprefix $(fuzz_folder)/,$(addsuffix .o,$(basename \
	$(filter %.c %.S,$(src_libprong_core_a_SOURCES)))))
fuzz_shared = $(patsubst %.c,$(fuzz_folder)/%.o, \
	tests/fuzz/answers.c tests/fuzz/handlers.c plugins/shared/escape.c \
	$(fuzz_main))
fuzz_programs = $(fuzz_targets:%=$(fuzz_folder)/fuzz_%)

fuzz: $(fuzz_programs)

$(fuzz_folder)/fuzz_%: $(fuzz_folder)/tests/fuzz/fuzz_%.o \
    $(fuzz_folder)/libshared.a $(fuzz_folder)/libcore.a
	$(AM_V_CCLD)$(FUZZ_CC) $(FUZZ_CFLAGS) $(fuzz_instrument) $(fuzz_link) \
	-o $@ $^ $(LDFLAGS) $(DAEMON_LIBS) $(LIBS)

$(fuzz_folder)/libcore.a: $(fuzz_core)
	$(AM_V_AR)rm -f $@ && $(AR) cr $@ $^

$(fuzz_folder)/libshared.a: $(fuzz_shared)
	$(AM_V_AR)rm -f $@ && $(AR) cr $@ $^

$(fuzz_folder)/%.o: $(top_srcdir)/%.c | fuzz-compiler
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(fuzz_compile) -MMD -MP -c -o $@ $<

$(fuzz_folder)/%.o: $(top_srcdir)/%.S | fuzz-compiler
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(fuzz_compile) -MMD -MP -c -o $@ $<

.SECONDARY: $(fuzz_targets:%=$(fuzz_folder)/tests/fuzz/fuzz_%.o)

fuzz-compiler:
	@command -v $(FUZZ_CC) >/dev/null || { \
	echo "there is no $(FUZZ_CC), which fuzzing needs: on Debian," \
	"install clang and libclang-rt-14-dev, or name another one by" \
	"FUZZ_CC=..." >&2; exit 1; }
	@$(MKDIR_P) $(fuzz_folder)
	@echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | \
	$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -x c - \
	-o $(fuzz_folder)/try || { \
	echo "$(FUZZ_CC) cannot link with libFuzzer: on Debian, install" \
	"libclang-rt-14-dev" >&2; exit 1; }

fuzz-smoke: fuzz
	@$(SHELL) $(top_srcdir)/tests/fuzz/smoke $(fuzz_folder) \
	$(top_srcdir)/tests/fuzz $(FUZZ_SECONDS) $(fuzz_targets)

# Without the sanitizers, whose code would be counted too.
fuzz_coverage = tests/fuzz/coverage
fuzz-coverage:
	$(MAKE) fuzz fuzz_folder=$(fuzz_coverage) fuzz_link= \
	fuzz_main=tests/fuzz/replay.c \
	fuzz_instrument='-fprofile-instr-generate -fcoverage-mapping'
	@LLVM_COV=$(LLVM_COV) LLVM_PROFDATA=$(LLVM_PROFDATA) \
	$(SHELL) $(top_srcdir)/tests/fuzz/coverage.sh $(fuzz_coverage) \
	$(top_srcdir) $(fuzz_targets)

fuzz-clean:
	rm -rf tests/fuzz/clang $(fuzz_coverage)

.PHONY: fuzz fuzz-compiler fuzz-smoke fuzz-coverage fuzz-clean

-include $(fuzz_core:.o=.d) $(fuzz_shared:.o=.d)
-include $(fuzz_targets:%=$(fuzz_folder)/tests/fuzz/fuzz_%.d)
