/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ADDR_H
#define ADDR_H

#include <string.h>

#include <rte_common.h>

#include "sluice.h"

/**
 * An address of either family, for what treats both alike. Bytes that IPv4 does not need are
 * 0, so that equal addresses are equal bytes.
 */
struct addr {
	union {
		rte_be32_t v4;
		struct sl_ip6 v6;
	};
	uint32_t six; /**< 1: v6 */
};

_Static_assert(sizeof(struct addr) == 20, "no padding: addresses are compared as bytes");

static inline struct addr
addr_of4(rte_be32_t v4)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	a.v4 = v4;
	return a;
}

static inline struct addr
addr_of6(const struct sl_ip6 *v6)
{
	return (struct addr){ .v6 = *v6, .six = 1 };
}

static inline bool
addr_same(const struct addr *a, const struct addr *b)
{
	return a->six == b->six && memcmp(&a->v6, &b->v6, sizeof(a->v6)) == 0;
}

/** True for 0.0.0.0 and ::, which as a gateway is none. */
static inline bool
addr_none(const struct addr *a)
{
	static const struct sl_ip6 none;

	return memcmp(&a->v6, &none, sizeof(none)) == 0;
}

/** Link-local or multicast IPv6: never routed, and there on every interface. */
static inline bool
addr_is_link(const struct addr *a)
{
	return a->six != 0 &&
	       (a->v6.b[0] == 0xff || (a->v6.b[0] == 0xfe && (a->v6.b[1] & 0xc0) == 0x80));
}

/** Bits of an address. */
static inline uint32_t
addr_bits(const struct addr *a)
{
	return a->six != 0 ? 128 : 32;
}

/** Its network: the first plen bits. */
static inline struct addr
addr_net(struct addr a, uint32_t plen)
{
	for (uint32_t i = 0; i < sizeof(a.v6.b); i++) {
		uint32_t bits = plen > i * 8 ? RTE_MIN(plen - i * 8, 8u) : 0;

		a.v6.b[i] &= (uint8_t)(0xff00 >> bits);
	}
	return a;
}

#endif /* ADDR_H */
