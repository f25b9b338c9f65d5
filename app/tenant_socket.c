/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netns.h"
#include "tenant_socket.h"

/* The thread is in the right namespace. */
static int
socket_here(const struct kernel *kernel, int domain, int type, int protocol)
{
	const char *tap = kernel_tap(kernel, SL_INSIDE);
	int fd, rc;

	if (tap == NULL)
		return -ENODEV;
	fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, tap, (socklen_t)strlen(tap) + 1) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

int
tenant_socket(const struct kernel *kernel, unsigned int tenant, int domain, int type, int protocol)
{
	const char *netns = kernel_netns(kernel, tenant);
	int home, fd;

	if (netns[0] == '\0')
		return socket_here(kernel, domain, type, protocol);
	home = netns_enter(netns);
	if (home < 0)
		return home;
	fd = socket_here(kernel, domain, type, protocol);
	if (netns_leave(home) < 0 && fd >= 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}
