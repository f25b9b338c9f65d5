/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef IMPRINT_H
#define IMPRINT_H

#include "neigh.h"
#include "netlink.h"
#include "rib.h"
#include "tap.h"

/** What sluice has put into the kernel for a tenant: addresses, static routes and neighbours. */
struct imprint;

/** Where it goes; without netlink straight into the tables of the mirror. */
struct imprint_parts {
	struct netlink *netlink; /**< NULL: there is no kernel */
	struct tap *tap; /**< two, by enum sl_side */
	unsigned int tenant; /**< whose they are; without a kernel only 0 */
	struct rib *rib;
	struct neigh_table *neighs;
};

/** Nothing yet; NULL with errno. */
struct imprint *imprint_create(const struct imprint_parts *parts);

/** Forget; takes nothing away. NULL is fine. */
void imprint_destroy(struct imprint *imprint);

/**
 * Make it that of config, changing only what differs.
 * @return 0, or -errno with a sentence in why: then the earlier one is in force again
 */
int imprint_apply(struct imprint *imprint, const struct sl_config *config, char *why, size_t size);

/** Put back what the kernel has dropped of it, as after a link was set down and up. */
void imprint_restore(struct imprint *imprint);

#endif /* IMPRINT_H */
