/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a snapshot says of IPv6: prefixes, the box's own addresses, hosts that forwards lead to.
 *
 * Such a host (a static BIB entry's, RFC 6146) has a stand-in before it ever sends anything,
 * since the outside may be first. Control gives it a number, once for the gateway's life, so
 * that a stand-in means the same host in every configuration; its worker is that of its
 * subscriber. It stays in all later snapshots that have its prefix, forward or not, since it may
 * have sessions by other ports. Workers find it in the snapshot when it is not among their own
 * (host.h): one that had sessions before its forward came keeps the stand-in of these.
 */
#include <rte_malloc.h>

#include "snap.h"
#include "state.h"

#define DSCP 0xfc /* of a TOS byte; the rest is ECN (RFC 3168) */
#define FIXED_MAX 65536 /* hosts that forwards have ever led to */

/* A forward's host; the number is its place in sl_nat.fixed. Another prefix may come to have the
 * index that its own had, so that is kept. */
struct sl_fixed {
	struct sl_ip6 addr;
	struct sl_prefix prefix;
	uint8_t tenant;
};

static bool
same_prefix(const struct sl_prefix *a, const struct sl_prefix *b)
{
	return a->len == b->len && sl_ip6_same(&a->net, &b->net);
}

/* The number of a host, a new one if it has none; SL_NONE when there are too many. */
static uint32_t
number(struct sl_nat *nat, uint8_t tenant, const struct sl_prefix *prefix,
	const struct sl_ip6 *addr)
{
	for (uint32_t i = 0; i < nat->n_fixed; i++)
		if (nat->fixed[i].tenant == tenant && sl_ip6_same(&nat->fixed[i].addr, addr) &&
			same_prefix(&nat->fixed[i].prefix, prefix))
			return i;
	if (nat->n_fixed == FIXED_MAX)
		return SL_NONE;
	if (rte_is_power_of_2(nat->n_fixed + 1)) {
		struct sl_fixed *more =
			rte_realloc(nat->fixed, sizeof(*more) * (nat->n_fixed + 1) * 2, 0);

		if (more == NULL)
			return SL_NONE;
		nat->fixed = more;
	}
	nat->fixed[nat->n_fixed] = (struct sl_fixed){ *addr, *prefix, tenant };
	return nat->n_fixed++;
}

/* Enter a host by its number. */
static const struct sl_host *
enter(const struct sl_nat *nat, struct sl_snap *s, uint32_t i, uint8_t nat64)
{
	const struct sl_fixed *from = &nat->fixed[i];
	struct sl_host *h = &s->fixed[i];
	uint32_t *head;

	sl_host_prepare(h, &from->addr, &from->prefix,
		sl_stand(sl_owner_inside6(nat, s, from->tenant, &from->addr), SL_STAND_FIXED + i));
	h->tenant = from->tenant;
	h->nat64 = nat64;
	h->sub = SL_NONE;
	head = sl_host_fixed_head(s, from->tenant, nat64, &from->addr);
	h->next = *head;
	*head = i;
	return h;
}

rte_be32_t
sl_snap_stand(struct sl_nat *nat, struct sl_snap *s, const struct sl_forward *f)
{
	uint8_t tenant = (uint8_t)f->tenant, nat64 = (uint8_t)f->nat64;
	const struct sl_host *h = sl_host_find_fixed(s, tenant, nat64, &f->in6);
	uint32_t i;

	if (h != NULL)
		return h->stand;
	i = number(nat, tenant, &s->nat64[nat64].prefix, &f->in6);
	return i < s->n_fixed ? enter(nat, s, i, nat64)->stand : 0;
}

/* Those that had a forward in some configuration before, by the prefixes of this one. */
static void
keep_fixed(const struct sl_nat *nat, struct sl_snap *s)
{
	for (uint32_t i = 0; i < nat->n_fixed; i++)
		for (uint32_t k = 0; k < s->n_nat64; k++)
			if (s->nat64[k].tenant == nat->fixed[i].tenant &&
				same_prefix(&s->nat64[k].prefix, &nat->fixed[i].prefix)) {
				enter(nat, s, i, (uint8_t)k);
				break;
			}
}

static void
add_own(struct sl_snap *s, uint16_t realm, const struct sl_ifaddr6 *a, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		s->own6[s->n_own6++] = (struct sl_own6){ a[i].addr, realm };
}

/* The first address that is more than the link's. */
static struct sl_ip6
speaker(const struct sl_ifaddr6 *a, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (!sl_ip6_bogon(&a[i].addr))
			return a[i].addr;
	return (struct sl_ip6){ { 0 } };
}

static void
fill_prefixes(struct sl_snap *s, const struct sl_config *c)
{
	for (unsigned int i = 0; i < c->n_nat64; i++) {
		struct sl_snap_nat64 *n = &s->nat64[i];

		if (c->nat64[i].prefix.plen == 0) {
			n->match.net[0] = 1; /* and no mask: nothing matches */
			continue;
		}
		sl_prefix_match_init(&n->match, &c->nat64[i].prefix);
		sl_prefix_init(&n->prefix, &c->nat64[i].prefix);
		n->tenant = (uint8_t)c->nat64[i].tenant;
	}
	s->n_nat64 = c->n_nat64;
}

static int
alloc6(const struct sl_nat *nat, struct sl_snap *s, const struct sl_config *c)
{
	uint32_t own = c->n_outside6, fixed = nat->n_fixed;

	for (unsigned int t = 0; t < c->n_tenants; t++)
		own += c->tenant[t].n_addrs6;
	for (unsigned int i = 0; i < c->n_forwards; i++)
		fixed += c->forward[i].six;
	s->n_fixed = fixed;
	s->fixed_mask = rte_align32pow2(fixed + 1) - 1;
	s->nat64 = rte_calloc(NULL, c->n_nat64 + 1, sizeof(*s->nat64), 0);
	s->own6 = rte_calloc(NULL, own + 1, sizeof(*s->own6), 0);
	s->fixed = rte_calloc(NULL, fixed + 1, sizeof(*s->fixed), 64);
	s->fixed_head = rte_malloc(NULL, sizeof(uint32_t) * (s->fixed_mask + 1), 0);
	if (s->nat64 == NULL || s->own6 == NULL || s->fixed == NULL || s->fixed_head == NULL)
		return -1;
	memset(s->fixed_head, 0xff, sizeof(uint32_t) * (s->fixed_mask + 1));
	return 0;
}

int
sl_snap_fill6(struct sl_nat *nat, struct sl_snap *s, const struct sl_config *c)
{
	struct sl_ifaddr6 ones = { .plen = c->nat64_subscriber ? c->nat64_subscriber : 64 };
	struct sl_prefix_match match;
	uint32_t mtu = c->nat64_mtu ? c->nat64_mtu : 1280;

	if (alloc6(nat, s, c) != 0)
		return -1;
	fill_prefixes(s, c);
	for (unsigned int t = 0; t < c->n_tenants; t++) {
		s->tenant[t].addr6 = speaker(c->tenant[t].addr6, c->tenant[t].n_addrs6);
		add_own(s, (uint16_t)(t + 1), c->tenant[t].addr6, c->tenant[t].n_addrs6);
	}
	s->outside_addr6 = speaker(c->outside6, c->n_outside6);
	add_own(s, 0, c->outside6, c->n_outside6);
	sl_prefix_match_init(&match, &ones);
	memcpy(s->subscriber_mask, match.mask, sizeof(s->subscriber_mask));
	keep_fixed(nat, s);
	s->subscriber6 = ones.plen;
	s->hosts6 = c->nat64_hosts ? c->nat64_hosts : 256;
	s->whole6 = (uint16_t)(RTE_MIN(mtu, (uint32_t)s->mtu[SL_INSIDE]) - 20);
	if (c->nat64_tos_set)
		s->tos_mask[SL_OUTSIDE] = DSCP;
	if (c->nat64_class_set)
		s->tos_mask[SL_INSIDE] = DSCP;
	s->tos[SL_OUTSIDE] = c->nat64_tos & s->tos_mask[SL_OUTSIDE];
	s->tos[SL_INSIDE] = c->nat64_class & s->tos_mask[SL_INSIDE];
	s->plain6 = s->plain[SL_INSIDE] && s->tos_mask[SL_INSIDE] == 0;
	s->checksum6 = c->nat64_checksum;
	s->route6 = c->ipv6_route;
	return 0;
}

void
sl_snap_free6(struct sl_snap *s)
{
	rte_free(s->nat64);
	rte_free(s->own6);
	rte_free(s->fixed);
	rte_free(s->fixed_head);
}
