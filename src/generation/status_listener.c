/* SPDX-License-Identifier: ISC */
#include "generation/status_listener.h"

#include <sys/socket.h>

#include "base/address.h"
#include "config/configuration.h"

int
status_listener(const struct configuration *configuration, const int *listeners,
    size_t count)
{
	struct address wanted, own;
	size_t i;

	if (!configuration_status_address(configuration, &wanted))
		return -1;
	for (i = 0; i < count; i++) {
		own.length = sizeof(own.storage);
		if (getsockname(listeners[i], (struct sockaddr *)&own.storage,
			&own.length) == 0 &&
		    address_equal(&own, &wanted))
			return listeners[i];
	}
	return -1;
}
