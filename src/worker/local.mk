# Runs in: workers.
# Includes: connection, message, plugin, sandbox, config, fiber, base.
#
# SPDX-License-Identifier: ISC

src_libprong_core_a_SOURCES += \
	src/worker/client.c \
	src/worker/client_arrival.c \
	src/worker/doors.c \
	src/worker/give.c \
	src/worker/hatch.c \
	src/worker/internal.h \
	src/worker/lend.c src/worker/lend.h \
	src/worker/lend_answer.c \
	src/worker/lend_wait.c \
	src/worker/links.c \
	src/worker/loan.c src/worker/loan.h \
	src/worker/member.c src/worker/member.h \
	src/worker/member_internal.h \
	src/worker/member_loans.c \
	src/worker/member_visit.c \
	src/worker/refuse.c \
	src/worker/rows.c \
	src/worker/seat.c \
	src/worker/standstill.c src/worker/standstill.h \
	src/worker/untold.c \
	src/worker/wake.c \
	src/worker/worker.c src/worker/worker.h
