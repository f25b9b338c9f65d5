/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SNAP_H
#define SL_SNAP_H

#include "host.h"
#include "paddr.h"
#include "portmap.h"
#include "sluice.h"

#define SL_ADDR_LOCAL (1 << 0) /**< an address of the box */
#define SL_ADDR_POOL (1 << 1) /**< mappings live on it */
#define SL_ADDR_CAST (1 << 2) /**< broadcast address of a link */

/** What an address is to us; key is address and tenant + 1, or 0 for the outside. */
struct sl_addr {
	rte_be32_t addr;
	uint16_t realm;
	uint8_t kind; /* SL_ADDR_*; 0: free slot */
	uint8_t spare;
	uint32_t paddr; /* index of the pool address */
	uint32_t pool; /* index of its pool */
};

/** A forward as workers look it up, from outside and from inside. */
struct sl_fwd {
	rte_be32_t out_addr, in_addr;
	rte_be16_t out_port, in_port;
	rte_be32_t from, from_mask;
	uint64_t expires;
	uint16_t tenant;
	uint8_t proto; /* 0: free slot */
	uint8_t spare;
};

/** A tenant as workers read it. */
struct sl_snap_tenant {
	rte_be32_t addr; /* source of ICMP errors towards the inside, 0: none */
	struct sl_ip6 addr6; /* of ICMPv6 errors, ::: none */
	uint16_t vlan, vlan_inner;
	bool absent; /* removed: its index is not used again for now */
	uint32_t pool;
	struct sl_limits limits;
	uint16_t helpers; /* bit 1 << number */
};

#define SL_SNAP_SERVERS 512 /* slots, power of two; twice what SL_HELPERS_MAX helpers can fill */

/** A server's port and the helper of its flows. */
struct sl_snap_server {
	rte_be16_t port;
	uint8_t proto;
	uint8_t helper; /* number; 0: free slot */
};

/** A pool as workers read it. */
struct sl_snap_pool {
	uint32_t first, n; /* its run in paddr[] */
	uint8_t mode; /* enum sl_paddr_mode */
	uint8_t blocks_max;
	bool shared[SL_PORTS_COUNT]; /* endpoint-dependent mapping */
	bool drain;
	uint32_t base, n_inside, per_addr; /* of SL_PADDR_FIXED, host order */
	uint8_t filter[SL_PORTS_COUNT]; /* enum sl_filter by port class */
};

/** A NAT64 prefix as workers read it. */
struct sl_snap_nat64 {
	struct sl_prefix_match match; /* of a removed one nothing matches */
	struct sl_prefix prefix;
	uint8_t tenant;
};

/** An IPv6 address of the box. */
struct sl_own6 {
	struct sl_ip6 addr;
	uint16_t realm; /* tenant + 1, 0: outside */
};

/**
 * The configuration in force, in the form that workers read: made whole by control,
 * published by one pointer, never changed but for record_mask, freed when all workers have left it.
 */
struct sl_snap {
	uint32_t serial; /* one more with each configuration */
	struct rte_ether_addr mac[2];
	uint64_t mac_word[2]; /* the same as its first six bytes in memory, then zeros */
	uint64_t eth_tail[2]; /* MAC and EtherType IPv4: the last eight bytes of a header */
	bool plain[2]; /* untagged frames are the default tenant's, and the outside's */
	uint16_t mtu[2];
	uint32_t timeout[SL_TIMEOUT_COUNT]; /* milliseconds */
	uint32_t punt_rate[SL_PUNT_COUNT];
	uint32_t icmp_rate;
	uint32_t record_mask; /* w: control, also while in force (relaxed), see sl_nat_listen() */
	uint32_t logged_mask; /* of them those of the configuration */
	uint16_t kernel_port_min, kernel_port_max; /* host order */
	uint8_t icmp_refusal_code;
	bool icmp_mute[2];
	bool performance;
	bool syn_answer, port_parity;
	uint8_t probe; /* enum sl_probe */
	bool hairpin, inbound_refresh, source_check, other_protocols;
	uint16_t mss;
	uint32_t block_idle; /* milliseconds */
	uint32_t n_bypasses;
	struct sl_bypass *bypass;
	rte_be32_t outside_addr; /* source of ICMP errors towards the outside */
	uint32_t n_tenants, n_pools, n_fwds, n_services;
	struct sl_snap_tenant *tenant;
	struct sl_snap_pool *pool;
	uint32_t *paddr; /* runs of pool addresses, as indices of sl_nat.paddr */
	struct sl_service *service;
	struct sl_addr *addr;
	uint32_t addr_mask;
	struct sl_fwd *fwd_out, *fwd_in; /* by outside endpoint, by inside endpoint */
	uint32_t fwd_mask;
	uint32_t n_nat64, n_own6, n_fixed;
	struct sl_snap_nat64 *nat64;
	struct sl_own6 *own6;
	struct sl_host *fixed; /* IPv6 hosts of forwards, past ones too, in order of their places */
	uint32_t *fixed_head; /* places in fixed[] by hash, chained by next */
	uint32_t fixed_mask;
	struct sl_ip6 outside_addr6; /* source of ICMPv6 errors towards the outside */
	uint64_t subscriber_mask[2];
	uint8_t subscriber6; /* length of a subscriber's prefix */
	uint32_t hosts6; /* of one subscriber */
	uint16_t whole6; /* longest IPv4 packet that may be cut and becomes an IPv6 one uncut */
	uint8_t tos[2],
		tos_mask[2]; /* of NAT64 packets by where they go: tos for the bits in mask */
	bool plain6; /* plain[SL_INSIDE], and what goes there has the TOS that it came with */
	bool checksum6, route6;
	uint16_t helpers; /* of any tenant */
	uint16_t helpers6; /* of them those that read flows of IPv6 hosts */
	struct sl_snap_server server[SL_SNAP_SERVERS];
	uint64_t token; /* RCU, once it is old */
	struct sl_snap *older;
};

struct sl_nat;

/** Build the workers' form of a checked configuration; NULL without memory. */
struct sl_snap *sl_snap_create(struct sl_nat *nat, const struct sl_config *config);

/** Free it. */
void sl_snap_destroy(struct sl_snap *s);

/** What an address is; realm 0 is the outside, else tenant + 1. NULL: nothing to us. */
const struct sl_addr *sl_snap_addr(const struct sl_snap *s, uint16_t realm, rte_be32_t addr);

/** The forward at an outside endpoint, or NULL. */
const struct sl_fwd *sl_snap_fwd_out(
	const struct sl_snap *s, uint8_t proto, rte_be32_t addr, rte_be16_t port);

/** The forward that serves an inside endpoint, or NULL. */
const struct sl_fwd *sl_snap_fwd_in(
	const struct sl_snap *s, uint16_t tenant, uint8_t proto, rte_be32_t addr, rte_be16_t port);

/** Is this packet of the outside and the inside to pass untranslated? rem is the outside end. */
bool sl_snap_bypass(const struct sl_snap *s, uint8_t proto, rte_be32_t rem, rte_be16_t rem_port);

/** Is this port of one of our outside addresses one that the box itself serves? */
bool sl_snap_serves(const struct sl_snap *s, uint8_t proto, rte_be32_t addr, rte_be16_t port);

/** Fill in all that is of IPv6; -1 without memory. For sl_snap_create(). */
int sl_snap_fill6(struct sl_nat *nat, struct sl_snap *s, const struct sl_config *c);

/** The stand-in of a forward's IPv6 host, of a snapshot that is being made; 0: no place left. */
rte_be32_t sl_snap_stand(struct sl_nat *nat, struct sl_snap *s, const struct sl_forward *f);

/** Free what that took. */
void sl_snap_free6(struct sl_snap *s);

/** Is there such a tenant? Indices may outlive theirs. */
static inline bool
sl_snap_has_tenant(const struct sl_snap *s, uint16_t tenant)
{
	return tenant < s->n_tenants && !s->tenant[tenant].absent;
}

/** Index of the tenant of a VLAN pair (0: untagged), or -1. */
int sl_snap_tenant(const struct sl_snap *s, uint16_t vlan, uint16_t inner);

#endif /* SL_SNAP_H */
