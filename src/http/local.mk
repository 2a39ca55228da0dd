# Runs in: connections (parsers: octets in, a verdict out, no system call).
# Includes: base.
#
# SPDX-License-Identifier: ISC

src_libprong_core_a_SOURCES += \
	src/http/chunked.c src/http/chunked.h \
	src/http/conditional.c src/http/conditional.h \
	src/http/date.c src/http/date.h \
	src/http/errorpage.c src/http/errorpage.h \
	src/http/field_line.c src/http/field_line.h \
	src/http/fields.c src/http/fields.h \
	src/http/head.c src/http/head.h \
	src/http/head_write.c \
	src/http/methods.c src/http/methods.h \
	src/http/page.h \
	src/http/proxy.c src/http/proxy.h \
	src/http/ranges.c src/http/ranges.h \
	src/http/request_line.c src/http/request_line.h \
	src/http/status.c src/http/status.h \
	src/http/uri.c src/http/uri.h \
	src/http/uri_encode.c \
	src/http/uri_host.c \
	src/http/uri_octets.c src/http/uri_octets.h \
	src/http/uri_path.c
