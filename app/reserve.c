/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Ports of the box's own outside addresses that the kernel is kept from.
 *
 * The kernel's ephemeral ports (32768-60999) are no dynamic mapping's on such an address, but a
 * host may want just one of them, as torrents do (51413). A socket that is bound there and does
 * nothing else makes sure of both: that the kernel does not use the port now, for then it cannot be
 * bound, and that it does not choose it later.
 *
 * Control lcore only. Limit: RESERVE_MAX ports, a descriptor each.
 */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reserve.h"

static int
find(const struct reserve *r, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	for (unsigned int i = 0; i < r->n; i++)
		if (r->port[i].proto == proto && r->port[i].addr == addr && r->port[i].port == port)
			return (int)i;
	return -1;
}

int
reserve_take(struct reserve *r, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = addr
	};
	int type = proto == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM, fd, on = 1, least = 1;

	if (find(r, proto, addr, port) >= 0)
		return 0;
	if (r->n == RESERVE_MAX)
		return -EADDRINUSE;
	fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -EADDRINUSE;
	/* The address may come to the interface a moment later. */
	setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		close(fd);
		return -EADDRINUSE;
	}
	r->port[r->n].proto = proto;
	r->port[r->n].addr = addr;
	r->port[r->n].port = port;
	r->port[r->n++].fd = fd;
	return 0;
}

void
reserve_drop(struct reserve *r, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	int i = find(r, proto, addr, port);

	if (i < 0)
		return;
	close(r->port[i].fd);
	r->port[i] = r->port[--r->n];
}

void
reserve_fini(struct reserve *r)
{
	while (r->n > 0)
		close(r->port[--r->n].fd);
}
