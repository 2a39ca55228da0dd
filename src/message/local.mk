# Runs in: connections.
# Includes: config, http, base.

src_libprong_core_a_SOURCES += \
	src/message/batch.c src/message/batch.h \
	src/message/body.c src/message/body.h \
	src/message/content.c src/message/content.h \
	src/message/input.c src/message/input.h \
	src/message/netio.c src/message/netio.h \
	src/message/pace.h \
	src/message/preconditions.c src/message/preconditions.h \
	src/message/request.c src/message/request.h \
	src/message/response.c src/message/response.h \
	src/message/response_head.c src/message/response_head.h \
	src/message/sender.c src/message/sender.h
