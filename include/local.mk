pkginclude_HEADERS = include/prong/handler.h
