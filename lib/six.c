/* SPDX-License-Identifier: BSD-3-Clause
 *
 * IPv6 addresses that stand for IPv4 ones (RFC 6052), and what a configuration says of IPv6.
 *
 * A prefix of 32, 40, 48, 56, 64 or 96 bits is followed by the 32 bits of the IPv4 address,
 * which leave out bits 64 to 71, and by zeros. What comes with bits 64 to 71 or the suffix set
 * is refused: answers come from the address with zeros there, so nobody could talk that way.
 *
 * The well-known prefix 64:ff9b::/96 must not stand for addresses that are not global (RFC
 * 6052 section 3.1). Refused are those that are private, shared, or local to a link or host;
 * the blocks for documentation and benchmarks are not, a laboratory is no network that anybody
 * would reach by mistake. 64:ff9b:1::/48 (RFC 8215) and prefixes of one's own have no such rule.
 */
#include "host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include <rte_branch_prediction.h>

#define U_OCTET 8 /* bits 64 to 71 */

/* ---- addresses ---- */

struct sl_ip6
sl_ip6_net(const struct sl_ip6 *a, uint8_t plen)
{
	struct sl_ip6 n = *a;

	for (unsigned int i = 0; i < sizeof(n.b); i++) {
		unsigned int bits = plen > i * 8 ? RTE_MIN(plen - i * 8u, 8u) : 0;

		n.b[i] &= (uint8_t)(0xff00 >> bits);
	}
	return n;
}

bool
sl_ip6_bogon(const struct sl_ip6 *a)
{
	static const struct sl_ip6 zero, mapped = { { [10] = 0xff, [11] = 0xff } };

	if (a->b[0] == 0xff || (a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80))
		return true;
	/* ::/96 holds the unspecified address, the loopback, and what IPv4-compatible ones were. */
	return memcmp(a, &zero, 12) == 0 || memcmp(a, &mapped, 12) == 0;
}

/* ---- prefixes ---- */

void
sl_prefix_match_init(struct sl_prefix_match *x, const struct sl_ifaddr6 *from)
{
	static const struct sl_ip6 ones = { { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
		255, 255, 255, 255, 255 } };
	struct sl_ip6 mask = sl_ip6_net(&ones, from->plen),
		      net = sl_ip6_net(&from->addr, from->plen);

	memcpy(x->mask, &mask, sizeof(x->mask));
	memcpy(x->net, &net, sizeof(x->net));
}

bool
sl_prefix_init(struct sl_prefix *x, const struct sl_ifaddr6 *from)
{
	memset(x, 0, sizeof(*x));
	if (from->plen != 96 && (from->plen < 32 || from->plen > 64 || from->plen % 8 != 0))
		return false;
	x->net = sl_ip6_net(&from->addr, from->plen);
	if (x->net.b[U_OCTET] != 0)
		return false;
	x->len = from->plen;
	x->sum = sl_ip6_sum(&x->net);
	return true;
}

/* Where byte i of the IPv4 address lies. */
static unsigned int
place(const struct sl_prefix *x, unsigned int i)
{
	unsigned int at = x->len / 8u + i;

	return x->len < 96 && at >= U_OCTET ? at + 1 : at;
}

struct sl_ip6
sl_prefix_join(const struct sl_prefix *x, rte_be32_t addr)
{
	struct sl_ip6 to = x->net;
	uint8_t b[4];

	memcpy(b, &addr, sizeof(b));
	if (likely(x->len == 96)) {
		memcpy(to.b + 12, b, sizeof(b));
		return to;
	}
	for (unsigned int i = 0; i < sizeof(b); i++)
		to.b[place(x, i)] = b[i];
	return to;
}

bool
sl_prefix_split(const struct sl_prefix *x, const struct sl_ip6 *from, rte_be32_t *addr)
{
	struct sl_ip6 again;
	uint8_t b[4];

	if (likely(x->len == 96)) {
		memcpy(addr, from->b + 12, sizeof(*addr));
		return true;
	}
	for (unsigned int i = 0; i < sizeof(b); i++)
		b[i] = from->b[place(x, i)];
	memcpy(addr, b, sizeof(*addr));
	again = sl_prefix_join(x, *addr);
	return sl_ip6_same(&again, from);
}

bool
sl_prefix_hides(const struct sl_prefix *x, rte_be32_t addr)
{
	static const struct sl_ip6 known = { { 0x00, 0x64, 0xff, 0x9b } };
	uint32_t a = rte_be_to_cpu_32(addr);

	if (x->len != 96 || !sl_ip6_same(&x->net, &known))
		return false;
	return a >> 24 == 0 || a >> 24 == 10 || a >> 24 == 127 || a >> 22 == 0x64400000 >> 22 ||
	       a >> 16 == 0xa9fe || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 28 >= 0xe;
}

struct sl_ip6
sl_nat64_embed(const struct sl_ifaddr6 *prefix, rte_be32_t addr)
{
	struct sl_prefix x;

	return sl_prefix_init(&x, prefix) ? sl_prefix_join(&x, addr) : prefix->addr;
}

/* ---- configuration ---- */

static const char *
text(const struct sl_ip6 *a)
{
	static char buf[INET6_ADDRSTRLEN];

	return inet_ntop(AF_INET6, a, buf, sizeof(buf));
}

static int
check_addrs(const struct sl_ifaddr6 *a, unsigned int n, const char *what, char *why, size_t size)
{
	for (unsigned int i = 0; i < n; i++) {
		bool link = a[i].addr.b[0] == 0xfe && (a[i].addr.b[1] & 0xc0) == 0x80;

		if ((sl_ip6_bogon(&a[i].addr) && !link) || a[i].plen == 0 || a[i].plen > 128) {
			snprintf(why, size, "%s address %s/%u cannot be that of an interface", what,
				text(&a[i].addr), a[i].plen);
			return -EINVAL;
		}
	}
	return 0;
}

static bool
overlap(const struct sl_nat64 *a, const struct sl_nat64 *b)
{
	uint8_t plen = RTE_MIN(a->prefix.plen, b->prefix.plen);
	struct sl_ip6 x = sl_ip6_net(&a->prefix.addr, plen), y = sl_ip6_net(&b->prefix.addr, plen);

	return a->prefix.plen != 0 && b->prefix.plen != 0 && a->tenant == b->tenant &&
	       sl_ip6_same(&x, &y);
}

/* Does the tenant's pool give ports by a plan, which is computed from IPv4 addresses? IPv6 hosts
 * would never get one (RFC 7422 knows none), and it is better to say so before they try. */
static bool
has_plan(const struct sl_config *c, unsigned int tenant)
{
	uint32_t pool = c->tenant[tenant].pool;

	return pool < c->n_pools && c->pool[pool].name[0] != 0 && c->pool[pool].fixed.plen != 0;
}

static int
check_prefixes(const struct sl_config *c, char *why, size_t size)
{
	for (unsigned int i = 0; i < c->n_nat64; i++) {
		const struct sl_nat64 *n = &c->nat64[i];
		struct sl_prefix x;

		if (n->prefix.plen == 0)
			continue; /* removed */
		if (!sl_prefix_init(&x, &n->prefix) || x.net.b[0] == 0xff ||
			(x.net.b[0] == 0xfe && (x.net.b[1] & 0xc0) == 0x80) ||
			!sl_ip6_same(&x.net, &n->prefix.addr) || x.sum == 0) {
			snprintf(why, size, "%s/%u is no NAT64 prefix", text(&n->prefix.addr),
				n->prefix.plen);
			return -EINVAL;
		}
		if (n->tenant >= c->n_tenants) {
			snprintf(why, size, "NAT64 prefix %s/%u is for a tenant that is not there",
				text(&n->prefix.addr), n->prefix.plen);
			return -EINVAL;
		}
		if (has_plan(c, n->tenant)) {
			snprintf(why, size,
				"NAT64 prefix %s/%u: pool %s of its tenant is deterministic, which "
				"is "
				"for IPv4 hosts",
				text(&n->prefix.addr), n->prefix.plen,
				c->pool[c->tenant[n->tenant].pool].name);
			return -EINVAL;
		}
		for (unsigned int k = 0; k < i; k++) {
			if (overlap(n, &c->nat64[k])) {
				snprintf(why, size, "NAT64 prefix %s/%u overlaps another",
					text(&n->prefix.addr), n->prefix.plen);
				return -EINVAL;
			}
		}
	}
	if (c->n_nat64 > SL_HOST_RETIRED) {
		snprintf(why, size, "%u NAT64 prefixes, can be %u", c->n_nat64, SL_HOST_RETIRED);
		return -EINVAL;
	}
	return 0;
}

static int
check_forwards(const struct sl_config *c, char *why, size_t size)
{
	for (unsigned int i = 0; i < c->n_forwards; i++) {
		const struct sl_forward *f = &c->forward[i];

		if (!f->six)
			continue;
		if (sl_ip6_bogon(&f->in6) || f->nat64 >= c->n_nat64 ||
			c->nat64[f->nat64].prefix.plen == 0 ||
			c->nat64[f->nat64].tenant != f->tenant) {
			snprintf(why, size, "forward to %s has no NAT64 prefix of its tenant",
				text(&f->in6));
			return -EINVAL;
		}
	}
	return 0;
}

int
sl_config_check6(const struct sl_config *config, char *why, size_t size)
{
	for (unsigned int i = 0; i < config->n_tenants; i++)
		if (check_addrs(config->tenant[i].addr6, config->tenant[i].n_addrs6, "inside", why,
			    size) != 0)
			return -EINVAL;
	if (config->nat64_subscriber != 0 &&
		(config->nat64_subscriber < 48 || config->nat64_subscriber > 128)) {
		snprintf(why, size, "NAT64 subscriber prefix of %u bits, can be 48 to 128",
			config->nat64_subscriber);
		return -EINVAL;
	}
	if (config->nat64_mtu != 0 && config->nat64_mtu < 1280) {
		snprintf(why, size, "NAT64 MTU of %u, can be 1280 and more", config->nat64_mtu);
		return -EINVAL;
	}
	if (((config->nat64_tos | config->nat64_class) & 3) != 0) {
		snprintf(why, size, "NAT64 TOS of %u or traffic class of %u has ECN bits",
			config->nat64_tos, config->nat64_class);
		return -EINVAL;
	}
	if (check_addrs(config->outside6, config->n_outside6, "outside", why, size) != 0 ||
		check_prefixes(config, why, size) != 0)
		return -EINVAL;
	return check_forwards(config, why, size);
}
