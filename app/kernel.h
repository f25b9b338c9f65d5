/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef KERNEL_H
#define KERNEL_H

#include <stddef.h>

#include "addr.h"
#include "sluice.h"

struct box;

/**
 * The kernel's part: exception TAPs and the netlink mirror. Control lcore only.
 *
 * The outside and tenant "default" are in the network namespace in which sluice was started,
 * each further tenant with inside addresses has one of its own, PREFIX-TENANT in /run/netns.
 * Static routes are made with protocol 200 and metric 2048 in the table main (netlink.h says
 * why).
 */
struct kernel;

/** Names of the exception TAPs, as in "sluice-in" and "sluice-out", and of namespaces. */
struct kernel_options {
	char prefix[12]; /**< of tenants' namespaces, as in "sluice" */
	char tap[2][16]; /**< by enum sl_side */
	bool off; /**< no TAPs, no netlink: routes and neighbours by statement only */
};

/**
 * Make the TAPs (with the ports' MAC and MTU), subscribe to links, addresses, neighbours
 * and routes, dump what is there into box->nat.
 * @return NULL with errno, logged
 */
struct kernel *kernel_create(struct box *box, const struct kernel_options *options);

/**
 * Take down the TAPs and everything that was added to them. NULL is fine. Frames of the
 * kernel that are still on their way keep their mempool, so either order with ports works.
 */
void kernel_destroy(struct kernel *kernel);

/**
 * Make tenants' namespaces, addresses and MTU of the TAPs, static routes and static
 * neighbours those of config; takes away what an earlier configuration had put there and
 * nothing else.
 * @return 0, or -errno with a sentence in why: then the earlier one has to be applied again
 */
int kernel_apply(struct kernel *kernel, const struct sl_config *config, char *why, size_t size);

/** Give a punted packet to the kernel; takes the mbuf. */
void kernel_deliver(struct kernel *kernel, const struct sl_punt *punt);

/** Ask the kernel to resolve a neighbour (ARP, ND). */
void kernel_resolve(struct kernel *kernel, const struct sl_event *event);

/** Follow a port's link state: carrier of its TAPs. */
void kernel_carrier(struct kernel *kernel, enum sl_side side, bool up);

/**
 * Add or delete a route on the outside TAP that is for routing daemons alone.
 * @return 0, or -errno with the reason in why; -EEXIST: it is there
 */
int kernel_announce(
	struct kernel *kernel, const struct sl_ifaddr *net, bool add, char *why, size_t size);

/** Name of the network namespace of a tenant's kernel; "" for none of its own. */
const char *kernel_netns(const struct kernel *kernel, unsigned int tenant);

/** Name of a side's TAP, in each tenant's namespace; NULL without a kernel (option off). */
const char *kernel_tap(const struct kernel *kernel, enum sl_side side);

/**
 * Which of all the kernels that a tenant has had is its present one; 0: it has none. Sockets that
 * were made in another one are dead.
 */
unsigned int kernel_serial(const struct kernel *kernel, unsigned int tenant);

/** Counters of the exception path, for show and telemetry. */
struct kernel_stats {
	uint64_t to_kernel[2], from_kernel[2]; /**< frames by enum sl_side */
	uint64_t lost[2]; /**< frames that TAP or inject ring refused */
	uint64_t arp_answers; /**< ARP requests for pool addresses answered */
	uint64_t routes, neighbours; /**< mirrored now */
	uint64_t refused; /**< routes among them that the library has no room for */
	uint64_t resyncs; /**< netlink overruns answered by a new dump */
};

/** Copy the counters. */
void kernel_stats(const struct kernel *kernel, struct kernel_stats *stats);

/** One neighbour as mirrored. */
struct kernel_neigh {
	enum sl_side side;
	unsigned int tenant;
	struct addr addr;
	struct rte_ether_addr mac;
	bool resolved;
};

/** Call fn for every mirrored neighbour. */
void kernel_neigh_walk(const struct kernel *kernel,
	void (*fn)(void *arg, const struct kernel_neigh *neigh), void *arg);

/** One route as mirrored. */
struct kernel_route {
	unsigned int tenant;
	struct addr prefix;
	uint8_t plen;
	enum sl_side side;
	struct addr gw; /**< addr_none(): on the link */
};

/** Call fn for every mirrored route. */
void kernel_route_walk(const struct kernel *kernel,
	void (*fn)(void *arg, const struct kernel_route *route), void *arg);

#endif /* KERNEL_H */
