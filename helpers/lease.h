/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_LEASE_H
#define SL_LEASE_H

/**
 * @file
 * Ports that hosts open by themselves: one store for UPnP IGD, NAT-PMP and PCP.
 *
 * A lease is an outside endpoint that leads to an inside one until its time is over. It has one
 * owner, the host that asked for it; another host, or the operator's port forwards, never share
 * it. Control lcore only. What is asked of a worker is asked at once and answered within the
 * call (params.ask); nothing here blocks longer than that, and nothing allocates after creation.
 *
 * Time is in milliseconds on the caller's clock unless a name says seconds.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sluice.h"

#define SL_LEASE_TEXT_MAX 64 /**< bytes of a description, with the final zero */
#define SL_LEASE_NONCE 12 /**< bytes of a PCP nonce */

/** Who asked. */
enum sl_lease_origin {
	SL_LEASE_UPNP,
	SL_LEASE_NATPMP,
	SL_LEASE_PCP,
	SL_LEASE_ORIGINS
};

/** One lease; a copy. */
struct sl_lease {
	enum sl_lease_origin origin;
	uint16_t tenant; /**< index */
	uint8_t proto; /**< IPPROTO_TCP or IPPROTO_UDP */
	bool enabled; /**< UPnP: one that is not enabled holds its port and lets nobody in */
	bool peer; /**< PCP PEER: for one remote endpoint, which the host opens itself */
	rte_be32_t in_addr, out_addr;
	rte_be16_t in_port, out_port;
	rte_be32_t rem_addr; /**< who may come in, 0: anyone */
	rte_be16_t rem_port; /**< 0: any */
	uint64_t expires; /**< when it is over */
	uint8_t nonce[SL_LEASE_NONCE]; /**< PCP: who knows it may change the lease */
	char description[SL_LEASE_TEXT_MAX]; /**< UTF-8, may be empty */
};

/** A wish. */
struct sl_lease_request {
	/** As the lease shall be; out_addr is answered, out_port wanted or 0, expires unused. */
	struct sl_lease lease;
	rte_be32_t client; /**< the host that asks */
	bool third_party; /**< it may ask for others: the policy's third_party holds it */
	bool exact; /**< out_port or nothing */
	uint32_t seconds; /**< lifetime; cut to the policy's, 0: as long as that allows */
};

/** What has happened to the store, for those who tell others of it. */
enum sl_lease_change {
	SL_LEASE_ADDED,
	SL_LEASE_RENEWED,
	SL_LEASE_REMOVED, /**< by its owner, by the operator */
	SL_LEASE_EXPIRED,
	SL_LEASE_LOST, /**< taken away: the configuration has no place for it any more */
};

/** What the store is made of; fixed for its life. */
struct sl_leases_params {
	uint32_t max; /**< leases it has room for */
	void *arg; /**< of the functions: */
	/** Ask the worker that owns in_addr to make (add) or end a mapping: msg is SL_MSG_MAP_ADD
	 * or SL_MSG_MAP_DEL with request in buf. @return 0 when answered (then request->status
	 * counts), or -errno */
	int (*ask)(void *arg, enum sl_msg_op op, struct sl_map_request *request);
	/** Who has this outside endpoint at this moment? @return 0 with mapping filled in,
	 * -ENOENT for nobody, or -errno */
	int (*holder)(void *arg, uint8_t proto, rte_be32_t out_addr, rte_be16_t out_port,
		struct sl_mapping *mapping);
	/** Forward an outside endpoint that the owner of the inside one cannot give itself: one
	 * of another worker, or outside a pool's ports. add: make or renew, else take it away.
	 * @return 0, -EADDRINUSE, or -errno */
	int (*forward)(void *arg, const struct sl_lease *lease, bool add);
	/** The outside address of a host, 0: none yet and none can be told. */
	rte_be32_t (*outside)(void *arg, unsigned int tenant, rte_be32_t in_addr);
	/** Can this be an inside host of the tenant? May be NULL: any address can. */
	bool (*inside)(void *arg, unsigned int tenant, rte_be32_t in_addr);
	/** Leases of the subscriber that this host belongs to, but for the host's own: they count
	 * against the same quota. May be NULL: each host is a subscriber. */
	uint32_t (*kin)(void *arg, unsigned int tenant, rte_be32_t in_addr);
	/** Told of each change, after it. May be NULL. */
	void (*changed)(void *arg, enum sl_lease_change change, const struct sl_lease *lease);
};

/** What the store has done; a reader on another lcore sees each number as it is. */
struct sl_lease_counts {
	uint64_t now; /**< leases */
	uint64_t made, renewed, removed, expired, lost;
	uint64_t denied; /**< refused with -EPERM */
	uint64_t in_use; /**< refused with -EADDRINUSE or -EEXIST */
	uint64_t quota; /**< refused with -EDQUOT */
	uint64_t full; /**< refused with -ENOSPC */
	uint64_t failed; /**< refused with anything else */
};

/** Is this an outside port (host order) that a policy lets hosts open? Any lcore. */
static inline bool
sl_lease_policy_allows(const struct sl_lease_policy *policy, uint16_t port)
{
	for (unsigned int i = 0; i < policy->n_ports; i++)
		if (port >= policy->ports[i].first && port <= policy->ports[i].last)
			return true;
	return policy->n_ports == 0 && port >= 1024;
}

struct sl_leases; /**< the store */

/** Take all memory; NULL with errno. */
struct sl_leases *sl_leases_create(const struct sl_leases_params *params);

/** Free it. Mappings at the workers stay. NULL is fine. */
void sl_leases_destroy(struct sl_leases *ls);

/** Put a policy into force, copied. What is there stays until it ends. 0 or -ENOMEM. */
int sl_leases_configure(struct sl_leases *ls, const struct sl_lease_policy *policy);

/** The policy in force. */
const struct sl_lease_policy *sl_leases_policy(const struct sl_leases *ls);

/**
 * Open a port, or renew what this host has for that inside endpoint already. An inside endpoint
 * has one outside endpoint: asked for another one while it has a lease, -EEXIST (PCP, NAT-PMP:
 * the one that is there is the answer, unless exact).
 * @param lease  filled in on success, and on -EEXIST and -EADDRINUSE with the lease that is in
 *               the way, if it is one (else zero)
 * @return 0; -EINVAL; -EPERM: not for this host (deny, another host's, a port below 1024 or out
 *         of the policy's range, a PCP nonce that does not match); -EEXIST; -EADDRINUSE: the
 *         outside endpoint is somebody's; -EDQUOT: a host's quota or the subscriber's limit;
 *         -ENOSPC: full, or no port; -ETIMEDOUT, -ENOBUFS: the worker does not answer
 */
int sl_lease_open(struct sl_leases *ls, const struct sl_lease_request *request, uint64_t now,
	struct sl_lease *lease);

/**
 * Close what a host has opened, with its sessions.
 * @param lease  origin, tenant, proto, in_addr and in_port say which; nonce for PCP
 * @return 0, -ENOENT, -EPERM, -ETIMEDOUT, -ENOBUFS
 */
int sl_lease_close(struct sl_leases *ls, const struct sl_lease *lease);

/** End any lease, whoever has it (operator, UPnP delete after its owner was checked). */
int sl_lease_remove(struct sl_leases *ls, uint8_t proto, rte_be32_t out_addr, rte_be16_t out_port);

/** By outside endpoint; out_addr 0: at any address. False: none. */
bool sl_lease_at(const struct sl_leases *ls, unsigned int tenant, uint8_t proto,
	rte_be32_t out_addr, rte_be16_t out_port, struct sl_lease *lease);

/** By inside endpoint. False: none. */
bool sl_lease_of(const struct sl_leases *ls, unsigned int tenant, uint8_t proto, rte_be32_t in_addr,
	rte_be16_t in_port, struct sl_lease *lease);

/** Number i of a tenant's, in the order in which they were made; false: there are fewer. */
bool sl_lease_index(
	const struct sl_leases *ls, unsigned int tenant, unsigned int i, struct sl_lease *lease);

/** How many a tenant has. */
unsigned int sl_lease_count(const struct sl_leases *ls, unsigned int tenant);

/** Call fn for each, of all tenants, in the order in which they were made. */
void sl_lease_walk(
	const struct sl_leases *ls, void (*fn)(void *arg, const struct sl_lease *lease), void *arg);

/** The outside address of a host, 0: none. */
rte_be32_t sl_lease_outside(const struct sl_leases *ls, unsigned int tenant, rte_be32_t in_addr);

/** What it has done so far. */
const struct sl_lease_counts *sl_leases_counts(const struct sl_leases *ls);

/** Put back what was saved: exact, no quota is asked; 0 or as sl_lease_open(). */
int sl_lease_restore(struct sl_leases *ls, const struct sl_lease *lease, uint64_t now);

/**
 * The configuration or the gateway has changed: hold all once more, drop what has no place. A
 * part of it at once, the rest by the next calls of sl_leases_poll().
 */
void sl_leases_reassert(struct sl_leases *ls, uint64_t now);

/** End what is over; when to be called again, at the latest. */
uint64_t sl_leases_poll(struct sl_leases *ls, uint64_t now);

#endif /* SL_LEASE_H */
