/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SIX_H
#define SL_SIX_H

#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "csum.h"
#include "sluice.h"

/** A NAT64 prefix. */
struct sl_prefix {
	struct sl_ip6 net; /**< its bits beyond the length are 0 */
	uint16_t sum; /**< of net's words */
	uint8_t len; /**< bits; 0: none */
};

/** What addresses a prefix holds, in the form that they are held against. */
struct sl_prefix_match {
	uint64_t net[2], mask[2]; /**< as they lie in memory */
};

/** Prepare a prefix; false when RFC 6052 section 2.2 knows no such length, or bits 64 to 71 are set. */
bool sl_prefix_init(struct sl_prefix *x, const struct sl_ifaddr6 *from);

/** Prepare a network of any length to be matched. */
void sl_prefix_match_init(struct sl_prefix_match *x, const struct sl_ifaddr6 *from);

/** The address behind the prefix that stands for an IPv4 one. */
struct sl_ip6 sl_prefix_join(const struct sl_prefix *x, rte_be32_t addr);

/**
 * The IPv4 address in one that the prefix holds.
 * @return false when bits 64 to 71 or the suffix are not zero: nobody could answer to that
 */
bool sl_prefix_split(const struct sl_prefix *x, const struct sl_ip6 *from, rte_be32_t *addr);

/** The same, quick for the usual length. */
static inline bool
sl_prefix_take(const struct sl_prefix *x, const uint8_t *from, rte_be32_t *addr)
{
	if (unlikely(x->len != 96))
		return sl_prefix_split(x, (const struct sl_ip6 *)(const void *)from, addr);
	memcpy(addr, from + 12, sizeof(*addr));
	return true;
}

/** Say what is wrong with the IPv6 of a configuration; 0, or -EINVAL with a sentence in why. */
int sl_config_check6(const struct sl_config *config, char *why, size_t size);

/** The first plen bits of an address, the rest 0. */
struct sl_ip6 sl_ip6_net(const struct sl_ip6 *a, uint8_t plen);

/** An address that no packet may come from: multicast, loopback, link-local, mapped and the like. */
bool sl_ip6_bogon(const struct sl_ip6 *a);

/** An IPv4 address that the well-known prefix must not stand for (RFC 6052 section 3.1). */
bool sl_prefix_hides(const struct sl_prefix *x, rte_be32_t addr);

static inline bool
sl_ip6_same(const struct sl_ip6 *a, const struct sl_ip6 *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

static inline bool
sl_prefix_holds(const struct sl_prefix_match *x, const void *addr)
{
	uint64_t a[2];

	memcpy(a, addr, sizeof(a));
	return (((a[0] & x->mask[0]) ^ x->net[0]) | ((a[1] & x->mask[1]) ^ x->net[1])) == 0;
}

/** The folded sum of an address's words. */
static inline uint16_t
sl_ip6_sum(const void *addr)
{
	return sl_sum_words(addr, sizeof(struct sl_ip6));
}

/*
 * Stand-ins. An inside IPv6 host that has state is known to the rest of the library by an IPv4
 * address that no packet may carry: 240.0.0.0/4, the worker that keeps it, its place there.
 */
#define SL_STAND_BITS 22 /* of a place */
#define SL_STAND_PLACES ((1u << SL_STAND_BITS) - 1) /* 255.255.255.255 stands for nobody */
#define SL_STAND_FIXED (1u << (SL_STAND_BITS - 1)) /* places from here on are the snapshot's */

_Static_assert(SL_WORKERS_MAX <= 1 << (28 - SL_STAND_BITS), "a stand-in names its worker");

static inline bool
sl_stand_is(rte_be32_t addr)
{
	return (addr & RTE_BE32(0xf0000000)) == RTE_BE32(0xf0000000);
}

static inline rte_be32_t
sl_stand(unsigned int worker, uint32_t place)
{
	return rte_cpu_to_be_32(0xf0000000 | worker << SL_STAND_BITS | place);
}

static inline unsigned int
sl_stand_worker(rte_be32_t addr)
{
	return (rte_be_to_cpu_32(addr) & 0x0fffffff) >> SL_STAND_BITS;
}

static inline uint32_t
sl_stand_place(rte_be32_t addr)
{
	return rte_be_to_cpu_32(addr) & ((1u << SL_STAND_BITS) - 1);
}

#endif /* SL_SIX_H */
