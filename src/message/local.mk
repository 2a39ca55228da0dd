# Runs in: connections.
# Includes: config, http, fiber, base.
#
# SPDX-License-Identifier: ISC

src_libprong_core_a_SOURCES += \
	src/message/body.c src/message/body.h \
	src/message/channel.c src/message/channel.h \
	src/message/connection_facts.h \
	src/message/content.c src/message/content.h \
	src/message/input.c src/message/input.h \
	src/message/internal.h \
	src/message/netio.c src/message/netio.h \
	src/message/netio_file.c src/message/netio_internal.h \
	src/message/pace.h \
	src/message/preconditions.c src/message/preconditions.h \
	src/message/prepared.c src/message/prepared.h \
	src/message/prepared_make.c \
	src/message/request.c src/message/request.h \
	src/message/request_id.c src/message/request_id.h \
	src/message/response.c src/message/response.h \
	src/message/response_head.c src/message/response_head.h \
	src/message/sender.c src/message/sender.h \
	src/message/sender_batch.c \
	src/message/sender_look.c \
	src/message/socket_fault.c src/message/socket_fault.h \
	src/message/wait.h \
	src/message/wait_fiber.c src/message/wait_fiber.h \
	src/message/wait_poll.c src/message/wait_poll.h
