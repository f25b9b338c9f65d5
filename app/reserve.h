/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RESERVE_H
#define RESERVE_H

#include "sluice.h"

#define RESERVE_MAX 256

/** Ports of the box's own addresses that the kernel shall not use; embedded, zeroed at first. */
struct reserve {
	unsigned int n;
	struct {
		rte_be32_t addr;
		rte_be16_t port;
		uint8_t proto;
		int fd;
	} port[RESERVE_MAX];
};

/** Keep the kernel from a port; 0, also when it is kept already, or -EADDRINUSE: it uses it, or
 * there are too many. */
int reserve_take(struct reserve *r, uint8_t proto, rte_be32_t addr, rte_be16_t port);

/** Leave it to the kernel again; fine when it was never taken. */
void reserve_drop(struct reserve *r, uint8_t proto, rte_be32_t addr, rte_be16_t port);

/** All of them. */
void reserve_fini(struct reserve *r);

#endif /* RESERVE_H */
