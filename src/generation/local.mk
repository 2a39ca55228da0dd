# Runs in: generations.
# Includes: connection, accesslog, handover, plugin, sandbox, config, base.
#
# SPDX-License-Identifier: ISC

src_libprong_core_a_SOURCES += \
	src/generation/acceptor.c src/generation/acceptor.h \
	src/generation/admissions.c src/generation/admissions.h \
	src/generation/blame.c src/generation/blame.h \
	src/generation/children.c src/generation/children.h \
	src/generation/closer.c src/generation/closer.h \
	src/generation/crashes.c src/generation/crashes.h \
	src/generation/crowd.c src/generation/crowd.h \
	src/generation/crowd_count.c \
	src/generation/crowd_end.c src/generation/crowd_internal.h \
	src/generation/crowd_rank.c src/generation/crowd_rows.c \
	src/generation/discard.c src/generation/discard.h \
	src/generation/dropped_lines.c src/generation/dropped_lines.h \
	src/generation/folders.c src/generation/folders.h \
	src/generation/generation.c src/generation/generation.h \
	src/generation/guest.c src/generation/guest.h \
	src/generation/helper.c src/generation/helper.h \
	src/generation/internal.h \
	src/generation/log_lines.c src/generation/log_lines.h \
	src/generation/log_process.c src/generation/log_process.h \
	src/generation/logs.c src/generation/logs.h \
	src/generation/open_numbers.c src/generation/open_numbers.h \
	src/generation/orphans.c src/generation/orphans.h \
	src/generation/pools.c src/generation/pools.h \
	src/generation/pools_internal.h \
	src/generation/pools_links.c \
	src/generation/pools_loans.c \
	src/generation/pools_look.c \
	src/generation/pools_members.c \
	src/generation/pools_number.c \
	src/generation/pools_queue.c \
	src/generation/porter.c src/generation/porter.h \
	src/generation/porter_kept.c src/generation/porter_kept.h \
	src/generation/porter_messages.c src/generation/porter_messages.h \
	src/generation/porter_parcel.c src/generation/porter_parcel.h \
	src/generation/porter_outbox.c src/generation/porter_outbox.h \
	src/generation/porter_place.c src/generation/porter_place.h \
	src/generation/porter_run.c \
	src/generation/presence.c src/generation/presence.h \
	src/generation/processes.c src/generation/processes.h \
	src/generation/processes_end.c src/generation/processes_internal.h \
	src/generation/processes_next.c \
	src/generation/processes_tell.c \
	src/generation/queue.c src/generation/queue.h \
	src/generation/renewal_kit.c src/generation/renewal_kit.h \
	src/generation/renewed.c src/generation/renewed.h \
	src/generation/status_listener.c src/generation/status_listener.h \
	src/generation/stillness.c src/generation/stillness.h \
	src/generation/startup.c src/generation/startup.h \
	src/generation/startup_shared.c \
	src/generation/thread.c src/generation/thread.h \
	src/generation/watchdog.c src/generation/watchdog.h \
	src/generation/workers.c src/generation/workers.h \
	src/generation/workers_end.c src/generation/workers_internal.h \
	src/generation/workers_parcels.c \
	src/generation/workers_pass.c \
	src/generation/workers_start.c
