/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DOMAIN_H
#define DOMAIN_H

#include "box.h"
#include "kernel.h"
#include "neigh.h"
#include "rib.h"

/** One tenant's part of the kernel: a network namespace with its exception TAPs. */
struct domain;

/** What all domains work with; owned by kernel.c, outlives them. */
struct domain_common {
	struct box *box;
	const struct kernel_options *options;
	struct rib *rib;
	struct neigh_table *neighs;
	struct rte_mempool *pool; /**< for frames of the kernel */
	struct rte_mbuf *spare; /**< for the next frame */
	struct kernel_stats stats;
	unsigned int made; /**< domains so far */
};

/** Largest MTU that a side's port takes. */
uint16_t domain_mtu(const struct box *box, enum sl_side side);

/**
 * Make the domain of a tenant: tenant 0's in the caller's network namespace and with the
 * outside; that of a further one with an inside TAP in a namespace of its own. Without a
 * kernel (option off) a domain has no TAPs and there is but tenant 0's.
 * @return NULL with errno and a sentence in why
 */
struct domain *domain_create(struct domain_common *common, const struct sl_config *config,
	unsigned int tenant, char *why, size_t size);

/** Take down the TAPs, the neighbours and a namespace that was made for it. NULL is fine. */
void domain_destroy(struct domain *domain);

/** True when a tenant other than 0 can go on with this domain; else it needs a new one. */
bool domain_fits(const struct domain *domain, const struct sl_tenant *tenant);

/**
 * Make MTU, VLAN tags, addresses, static routes and neighbours those of config.
 * @param mtu  by enum sl_side
 * @return 0, or -errno with a sentence in why: then an earlier one has to be applied again
 */
int domain_apply(struct domain *domain, const struct sl_config *config, const uint16_t mtu[2],
	char *why, size_t size);

/** Give a punted packet to the kernel; m stays the caller's. 0 or -errno. */
int domain_deliver(struct domain *domain, const struct sl_punt *punt);

/** Send a finished frame out of a side; takes the mbuf. */
void domain_inject(struct domain_common *common, enum sl_side side, struct rte_mbuf *m);

/** An empty mbuf for a frame, or NULL; what is not used goes to common->spare. */
struct rte_mbuf *domain_take_mbuf(struct domain_common *common);

/** Make the kernel ask for a neighbour; 0 or -errno. */
int domain_ask(struct domain *domain, enum sl_side side, const struct addr *addr);

/** As kernel_announce(); tenant 0's only. */
int domain_announce(
	struct domain *domain, const struct sl_ifaddr *net, bool add, char *why, size_t size);

/** Once a second. */
void domain_tick(struct domain *domain);

/** Follow a port's link state. */
void domain_carrier(struct domain *domain, enum sl_side side, bool up);

/** The name of its network namespace; "" when it has none of its own. */
const char *domain_netns(const struct domain *domain);

/** Its number among all domains that were ever made, from 1 on. */
unsigned int domain_serial(const struct domain *domain);

/** Netlink overruns that were answered by a new dump. */
uint64_t domain_resyncs(const struct domain *domain);

#endif /* DOMAIN_H */
