nobase_include_HEADERS = include/prong/handler.h
