/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HOST_H
#define SL_HOST_H

#include "hash.h"
#include "six.h"

struct sl_fwd;
struct sl_snap;
struct sl_worker;

#define SL_HOST_SUBSCRIBER UINT8_MAX /**< as nat64: it stands for all hosts of a network */
#define SL_HOST_RETIRED (UINT8_MAX - 1) /**< as nat64: another prefix has the place of its own */

/**
 * An inside IPv6 host as it sees the outside by one NAT64 prefix, and the IPv4 address that
 * stands for it; or a subscriber, a network of such hosts. Written by its worker alone.
 */
struct sl_host {
	struct sl_ip6 addr;
	struct sl_prefix prefix;
	rte_be32_t stand; /* 0: not in use */
	uint16_t delta; /* outbound change of transport checksums, see sl_host_delta() */
	uint8_t tenant;
	uint8_t nat64; /* index of its prefix */
	uint32_t next; /* hash chain, or next free one */
	uint32_t sub; /* place of its subscriber */
	uint32_t n; /* its mappings; of a subscriber its hosts */
	uint32_t last; /* milliseconds, when it was made or n became 0 */
} __rte_aligned(64);

_Static_assert(sizeof(struct sl_host) == 64, "a host is one cache line");

/** The hosts of one worker. */
struct sl_hosts {
	struct sl_host *host;
	uint32_t *head;
	uint32_t mask, max, n, free, high, sweep;
	struct sl_seed seed;
};

/** Take the memory for max hosts and as many subscribers; 0 or -ENOMEM. */
int sl_hosts_init(struct sl_hosts *t, uint32_t max, int socket, const struct sl_seed *seed);

/** Give it back; fine on a zeroed table. */
void sl_hosts_fini(struct sl_hosts *t);

/** Fill in what depends on address, prefix and stand-in. */
static inline void
sl_host_prepare(struct sl_host *h, const struct sl_ip6 *addr, const struct sl_prefix *prefix,
	rte_be32_t stand)
{
	h->addr = *addr;
	h->prefix = *prefix;
	h->stand = stand;
	h->delta = sl_fold((uint64_t)(stand & 0xffff) + (stand >> 16) +
			   (uint16_t)~sl_ip6_sum(addr) + (uint16_t)~prefix->sum);
}

/**
 * A host that is about to open its first session by this prefix.
 * @return NULL with the counter of the reason in *why
 */
struct sl_host *sl_host_make(struct sl_worker *w, uint32_t hash, uint8_t tenant, uint8_t nat64,
	const struct sl_ip6 *addr, enum sl_counter *why);

/** A host, or with SL_HOST_SUBSCRIBER the subscriber of an address, found or made; as above. */
const struct sl_host *sl_host_back(struct sl_worker *w, uint8_t tenant, uint8_t nat64,
	const struct sl_ip6 *addr, enum sl_counter *why);

/** The host that a stand-in of this worker's stands for, or NULL. */
const struct sl_host *sl_host_of(const struct sl_worker *w, rte_be32_t stand);

/** The host of a forward by its stand-in, or NULL. Any lcore that holds the snapshot. */
const struct sl_host *sl_host_fixed(const struct sl_snap *s, rte_be32_t stand);

/** The same by prefix and address. */
const struct sl_host *sl_host_find_fixed(
	const struct sl_snap *s, uint8_t tenant, uint8_t nat64, const void *addr);

/** Where the chain of such hosts begins. */
uint32_t *sl_host_fixed_head(
	const struct sl_snap *s, uint8_t tenant, uint8_t nat64, const void *addr);

/** The address that the subscriber of an inside address goes by, itself but for stand-ins. */
rte_be32_t sl_host_subscriber6(struct sl_worker *w, rte_be32_t stand);

static inline rte_be32_t
sl_host_subscriber(struct sl_worker *w, rte_be32_t addr)
{
	return likely(!sl_stand_is(addr)) ? addr : sl_host_subscriber6(w, addr);
}

/**
 * A forward as this worker's state knows it: a host that had a stand-in of the worker's before it
 * got a forward keeps that one.
 * @param fwd  one of the snapshot's, or NULL
 * @param own  room for a copy
 * @return fwd or own
 */
const struct sl_fwd *sl_host_forward(
	const struct sl_worker *w, const struct sl_fwd *fwd, struct sl_fwd *own);

/** The other way round: the inside address by which forwards know a host. */
rte_be32_t sl_host_forwarded(const struct sl_worker *w, rte_be32_t addr);

/** A mapping of a stand-in was made, or has gone. */
void sl_host_hold(struct sl_worker *w, rte_be32_t stand, int by);

/**
 * A new snapshot is about to come into force: hosts of prefixes whose place in it another one has
 * are found no more, and their sessions are not permitted (sl_six_permitted()).
 */
void sl_hosts_retire(struct sl_worker *w, const struct sl_snap *s);

/** Forget hosts that have had no mapping for a while; a bounded slice. */
void sl_hosts_age(struct sl_worker *w);

static inline uint32_t
sl_host_hash(const struct sl_seed *seed, uint8_t tenant, uint8_t nat64, const void *addr)
{
	uint64_t a[2];

	memcpy(a, addr, sizeof(a));
	a[0] = sl_mum(a[0] ^ seed->s[2], ((uint64_t)tenant << 8 | nat64) ^ seed->s[3]);
	return sl_hash128(a[0], a[1], seed);
}

static inline bool
sl_host_is(const struct sl_host *h, uint8_t tenant, uint8_t nat64, const void *addr)
{
	uint64_t a[2], b[2];

	memcpy(a, &h->addr, sizeof(a));
	memcpy(b, addr, sizeof(b));
	return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (uint64_t)(h->tenant ^ tenant) |
		       (uint64_t)(h->nat64 ^ nat64)) == 0;
}

/** The host of an address in a chain of the table, or NULL. */
static inline struct sl_host *
sl_host_find(
	const struct sl_hosts *t, uint32_t hash, uint8_t tenant, uint8_t nat64, const void *addr)
{
	uint32_t i = t->head[hash & t->mask];

	while (i != UINT32_MAX && !sl_host_is(&t->host[i], tenant, nat64, addr))
		i = t->host[i].next;
	return i != UINT32_MAX ? &t->host[i] : NULL;
}

/**
 * What becomes of the sum of the pseudo header when the host's packet to an IPv4 address turns
 * from IPv6 into IPv4; the complement the other way.
 */
static inline uint16_t
sl_host_delta(const struct sl_host *h, rte_be32_t remote)
{
	struct sl_ip6 six;

	/* On even bytes the address adds to both sums the same. */
	if (likely(h->prefix.len == 96 || h->prefix.len == 32))
		return h->delta;
	six = sl_prefix_join(&h->prefix, remote);
	return sl_fold((uint64_t)h->delta + (remote & 0xffff) + (remote >> 16) + h->prefix.sum +
		       (uint16_t)~sl_ip6_sum(&six));
}

#endif /* SL_HOST_H */
