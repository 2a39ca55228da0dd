# Runs in: workers.
# Includes: base.
#
# SPDX-License-Identifier: ISC

# The files in assembler are empty for other machines than their own.
fiber_sources = \
	src/fiber/deadlines.c src/fiber/deadlines.h \
	src/fiber/fiber.c src/fiber/fiber.h \
	src/fiber/loop.c src/fiber/loop.h \
	src/fiber/poller.c src/fiber/poller.h \
	src/fiber/stack.c src/fiber/stack.h \
	src/fiber/switch.h \
	src/fiber/switch_aarch64.S \
	src/fiber/switch_portable.c \
	src/fiber/switch_x86_64.S \
	src/fiber/tools.h

src_libprong_core_a_SOURCES += $(fiber_sources)
