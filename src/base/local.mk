# Runs in: all processes.
# Includes: itself alone.
#
# SPDX-License-Identifier: ISC

src_libprong_core_a_SOURCES += \
	src/base/address.c src/base/address.h \
	src/base/address_scope.c src/base/address_scope.h \
	src/base/annals.c src/base/annals.h \
	src/base/arena.c src/base/arena.h \
	src/base/bulletin.c src/base/bulletin.h \
	src/base/clock.h \
	src/base/control_protocol.c src/base/control_protocol.h \
	src/base/decimal.c src/base/decimal.h \
	src/base/descendants.c src/base/descendants.h \
	src/base/descriptor.c src/base/descriptor.h \
	src/base/dontfork.c \
	src/base/dontfork.h \
	src/base/fdpass.c src/base/fdpass.h \
	src/base/handler_stderr.c src/base/handler_stderr.h \
	src/base/heap.c src/base/heap.h \
	src/base/hot.h \
	src/base/identity.c src/base/identity.h \
	src/base/ip.c src/base/ip.h \
	src/base/job.c src/base/job.h \
	src/base/ledgers.c src/base/ledgers.h \
	src/base/ledgers_internal.h \
	src/base/ledgers_parcels.c \
	src/base/loans.c src/base/loans.h \
	src/base/log.c src/base/log.h \
	src/base/log_channel.c src/base/log_channel.h \
	src/base/logline.c src/base/logline.h \
	src/base/memfd.c src/base/memfd.h \
	src/base/orphan.c src/base/orphan.h \
	src/base/ownership.c src/base/ownership.h \
	src/base/nudge.c src/base/nudge.h \
	src/base/path_walk.c src/base/path_walk.h \
	src/base/peers.c src/base/peers.h \
	src/base/prefix.c src/base/prefix.h \
	src/base/pulse.c src/base/pulse.h \
	src/base/quantity.c src/base/quantity.h \
	src/base/ratelimit.h \
	src/base/refused.c src/base/refused.h \
	src/base/requirements.c src/base/requirements.h \
	src/base/release.c src/base/release.h \
	src/base/resident.c src/base/resident.h \
	src/base/ring.c src/base/ring.h \
	src/base/rings.c src/base/rings.h src/base/rings_internal.h \
	src/base/rings_slots.c \
	src/base/shared_memory.c src/base/shared_memory.h \
	src/base/scoreboard.c src/base/scoreboard.h \
	src/base/scoreboard_layout.h \
	src/base/scoreboard_handlers.c src/base/scoreboard_history.c \
	src/base/scoreboard_living.c src/base/scoreboard_look.c \
	src/base/scoreboard_notes.c src/base/scoreboard_server.c \
	src/base/scoreboard_stats.c src/base/scoreboard_tally.c \
	src/base/scoreboard_totals.c \
	src/base/signals.c src/base/signals.h \
	src/base/slice.c src/base/slice.h \
	src/base/tally.c src/base/tally.h \
	src/base/title.c src/base/title.h \
	src/base/totals.c src/base/totals.h
