/*
 * A FastCGI program that does what the handlers constant and discard of
 * tests/plugins do: fcgi_bench SOCKET PROCESSES. A request with a content is
 * responded with the number of its octets, another one with 1 KiB.
 *
 * SPDX-License-Identifier: ISC
 */
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BYTES	1024
#define BACKLOG 4096

static void
respond(FCGX_Request *request)
{
	static char content[BYTES], buffer[65536];
	const char *length = FCGX_GetParam("CONTENT_LENGTH", request->envp);
	long total = 0;
	int n;

	FCGX_PutS("Content-Type: text/plain\r\n", request->out);
	if (length && *length && strcmp(length, "0") != 0) {
		while ((n = FCGX_GetStr(buffer, sizeof(buffer), request->in)) >
		    0)
			total += n;
		FCGX_FPrintF(request->out, "\r\n%ld\n", total);
		return;
	}
	memset(content, 'x', sizeof(content));
	FCGX_FPrintF(request->out, "Content-Length: %d\r\n\r\n", BYTES);
	FCGX_PutStr(content, BYTES, request->out);
}

static _Noreturn void
serve(int listener)
{
	FCGX_Request request;

	signal(SIGTERM, SIG_DFL);
	if (FCGX_InitRequest(&request, listener, 0) != 0)
		_exit(1);
	while (FCGX_Accept_r(&request) == 0) {
		respond(&request);
		FCGX_Finish_r(&request);
	}
	_exit(0);
}

static void
end(int number)
{
	(void)number;
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	_exit(0);
}

int
main(int argc, char *argv[])
{
	int listener, i, count = argc == 3 ? atoi(argv[2]) : 0;

	if (count < 1 || FCGX_Init() != 0)
		return 2;
	listener = FCGX_OpenSocket(argv[1], BACKLOG);
	if (listener < 0 || chmod(argv[1], 0666) < 0)
		return 1;
	signal(SIGTERM, end);
	for (i = 0; i < count; i++) {
		if (fork() == 0)
			serve(listener);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
