# SPDX-License-Identifier: ISC

pkginclude_HEADERS = include/prong/handler.h
