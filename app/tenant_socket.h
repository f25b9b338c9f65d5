/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TENANT_SOCKET_H
#define TENANT_SOCKET_H

#include "kernel.h"

/**
 * A socket in a tenant's network namespace, on its inside TAP alone, non-blocking, closed on
 * exec: neither the outside nor another tenant is heard by it. Control lcore only.
 * @return a descriptor or -errno
 */
int tenant_socket(
	const struct kernel *kernel, unsigned int tenant, int domain, int type, int protocol);

#endif /* TENANT_SOCKET_H */
