/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PADDR_H
#define SL_PADDR_H

#include <stdbool.h>

#include "portmap.h"
#include "sluice.h"

#define SL_PADDR_MAX 65536 /* pool addresses, those of earlier configurations included */

struct sl_nat;

/** How the ports of a pool address are given out. */
enum sl_paddr_mode {
	SL_PADDR_PLAIN, /**< one by one, from all that the worker owns */
	SL_PADDR_BLOCKS, /**< in blocks to subscribers, from those */
	SL_PADDR_FIXED, /**< deterministic: each subscriber has its ports for good (RFC 7422) */
};

/**
 * An outside address that mappings live on. Control makes it and never changes it again;
 * workers own the ports. It outlives configurations, so that the same address with the
 * same rules finds its ports as they are.
 */
struct sl_paddr {
	rte_be32_t addr;
	uint16_t port_min, port_max; /* host order */
	uint16_t hole_min, hole_max; /* not ours in between: the kernel's; 0,0: none */
	uint8_t mode; /* enum sl_paddr_mode */
	uint8_t shift; /* ports that agree above this many bits have one owner */
	/* SL_PADDR_FIXED: subscribers base + first .. base + first + n - 1, so many ports each */
	uint32_t base, first, n, each; /* host order */
	/* By class and port the owner, of a class whose ports have ever changed it; else NULL. Written
	 * only while no worker runs (restore.c). */
	uint8_t *moved[SL_PORTS_COUNT];
	bool any_moved;
	struct sl_ports *ports[SL_WORKERS_MAX];
};

/** Find or make the pool address described by `want`; its index, or UINT32_MAX. */
uint32_t sl_paddr_get(struct sl_nat *nat, const struct sl_paddr *want);

/** Free all of them. */
void sl_paddr_fini(struct sl_nat *nat);

/** The worker that owns a port (host order) of a pool address; any lcore. */
unsigned int sl_paddr_owner(const struct sl_nat *nat, const struct sl_paddr *pa, uint16_t port);

/** The same for a protocol, with regard to ports that have changed their owner. */
unsigned int sl_paddr_worker(
	const struct sl_nat *nat, const struct sl_paddr *pa, uint8_t proto, uint16_t port);

/**
 * Make another worker the owner of a port for good, or of a whole block with all classes. No
 * worker may run.
 * @return 0, -ENOMEM, or -EADDRINUSE: somebody has it
 */
int sl_paddr_move(const struct sl_nat *nat, struct sl_paddr *pa, enum sl_port_class c,
	uint16_t port, unsigned int to);
int sl_paddr_move_block(
	const struct sl_nat *nat, struct sl_paddr *pa, uint16_t start, unsigned int to);

/** SL_PADDR_FIXED: the ports of a subscriber (host order); false when it has none here. */
bool sl_paddr_fixed_ports(const struct sl_paddr *pa, uint32_t inside, uint16_t *lo, uint16_t *hi);

#endif /* SL_PADDR_H */
