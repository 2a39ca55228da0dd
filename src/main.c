/* The way in. */
#include <stdio.h>

int
main(void)
{
	puts("prongd " PRONG_VERSION);
	return 0;
}
