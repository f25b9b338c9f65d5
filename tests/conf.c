/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Configurations of the tests from short texts, statements divided by ';'.
 *
 * The fixtures come first: inside 10.0.0.1/24, outside 192.0.2.1/24, no pool, so that
 * 192.0.2.1 is the pool. Then:
 *
 *     inside A/L  outside A/L          the first one replaces the fixture's
 *     tenant NAME vlan=N [inner=N] A/L [pool=I] [ports=N] [sessions=N] [rate=N]
 *         [mapping=N] [absent]
 *     pool A-B[,C-D] [ports=M-N] [udp=ei|ad|apd] [tcp=ei|ad|apd]
 *         [block=N] [blocks=N] [fixed=A/L] [shared=udp|tcp|both] [drain] [absent]
 *         (none instead of A-B: no addresses)
 *     bypass A/L [tcp|udp|icmp|any|N [PORT]]   use-pool I (of the default tenant)
 *     limit [ports=N] [sessions=N] [rate=N] [mapping=N]   of the default tenant
 *     forward udp|tcp A:P > A:P [from=A/L] [tenant=I] [expires=MS]
 *     service tcp|udp|icmp|any [PORT]
 *     helper NAME on|off [port=N[,N]] [tenant=I|pool=I]   all are off at first
 *     timeout udp|tcp-est|tcp-opening|tcp-closing|tcp-syn-in|icmp|other|fragment|port-rest N
 *     kernel-ports M-N   punt-rate arp|nd|local|multicast|helper N   icmp-rate N   icmp-refusal N
 *     icmp-mute inside|outside
 *     hairpin|inbound-refresh|source-check|other-protocols|unsolicited-syn|port-parity on|off
 *     mtu SIDE N   mss N   block-idle N   record TYPE... (words of conf_record_name)
 *     max-sessions N   max-subscribers N   ring N         parameters of the gateway
 *     workers N                                           not with more workers than N
 *     and those of conf6.c
 *
 * This grammar is the tests' own and small on purpose: the statements of the program
 * belong to app/ and are tested there.
 */
#include "conf.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipehelp.h"

/** What is being read. */
struct conf {
	struct sl_config *c;
	struct conf_params *params;
	struct pt_tokens t;
	uint64_t base;
	bool own_inside, own_outside;
};

struct rte_ether_addr
conf_port_mac(enum sl_side side)
{
	struct rte_ether_addr mac = { { 2, 0xff, 0, 0, 0, (uint8_t)(1 + side) } };

	return mac;
}

struct rte_ether_addr
conf_host_mac(enum sl_side side, rte_be32_t addr)
{
	struct rte_ether_addr mac = { { 2, (uint8_t)side } };

	memcpy(mac.addr_bytes + 2, &addr, 4);
	return mac;
}

rte_be32_t
conf_addr(const char *text)
{
	rte_be32_t addr;

	if (inet_pton(AF_INET, text, &addr) != 1)
		fail_msg("not an address: %s", text);
	return addr;
}

static void
wrong(const struct conf *k)
{
	fail_msg("configuration of the test: %.*s", (int)k->t.len[0] + 40, k->t.s[0]);
}

/* Room for one more element at the end of an array, zeroed. */
static void *
grow(void *array, unsigned int *n, size_t size)
{
	char *p = realloc(array, (*n + 1) * size);

	assert_non_null(p);
	memset(p + *n * size, 0, size);
	(*n)++;
	return p;
}

static unsigned long
number(const struct conf *k, unsigned int i)
{
	if (i >= k->t.n)
		wrong(k);
	return strtoul(k->t.s[i], NULL, 0);
}

static struct sl_ifaddr
ifaddr(const struct conf *k, const char *s, const char *end)
{
	struct sl_ifaddr a = { .plen = 32 };
	char copy[64], *slash;

	snprintf(copy, sizeof(copy), "%.*s", (int)(end - s), s);
	slash = strchr(copy, '/');
	if (slash != NULL) {
		*slash = 0;
		a.plen = (uint8_t)atoi(slash + 1);
	}
	if (inet_pton(AF_INET, copy, &a.addr) != 1)
		wrong(k);
	return a;
}

static struct sl_ifaddr
ifaddr_token(const struct conf *k, unsigned int i)
{
	if (i >= k->t.n)
		wrong(k);
	return ifaddr(k, k->t.s[i], k->t.s[i] + k->t.len[i]);
}

static void
add_address(struct conf *k, bool inside)
{
	struct sl_tenant *tenant = &k->c->tenant[0];
	bool *own = inside ? &k->own_inside : &k->own_outside;
	unsigned int *n = inside ? &tenant->n_addrs : &k->c->n_outside;
	struct sl_ifaddr **a = inside ? &tenant->addr : &k->c->outside;

	if (!*own)
		*n = 0;
	*own = true;
	*a = grow(*a, n, sizeof(**a));
	(*a)[*n - 1] = ifaddr_token(k, 1);
}

static void
read_limits(struct conf *k, struct sl_limits *l)
{
	const char *v;

	for (unsigned int i = 1; i < k->t.n; i++) {
		if ((v = pt_value(&k->t, i, "ports")) != NULL)
			l->ports = (uint32_t)atoi(v);
		else if ((v = pt_value(&k->t, i, "sessions")) != NULL)
			l->sessions = (uint32_t)atoi(v);
		else if ((v = pt_value(&k->t, i, "rate")) != NULL)
			l->rate = (uint32_t)atoi(v);
		else if ((v = pt_value(&k->t, i, "mapping")) != NULL)
			l->mapping = (uint32_t)atoi(v);
	}
}

static void
add_tenant(struct conf *k)
{
	struct sl_tenant *t;
	const char *v;

	k->c->tenant = grow(k->c->tenant, &k->c->n_tenants, sizeof(*t));
	t = &k->c->tenant[k->c->n_tenants - 1];
	snprintf(t->name, sizeof(t->name), "%.*s", (int)k->t.len[1], k->t.s[1]);
	for (unsigned int i = 2; i < k->t.n; i++) {
		if ((v = pt_value(&k->t, i, "vlan")) != NULL) {
			t->vlan = (uint16_t)atoi(v);
		} else if ((v = pt_value(&k->t, i, "inner")) != NULL) {
			t->vlan_inner = (uint16_t)atoi(v);
		} else if ((v = pt_value(&k->t, i, "pool")) != NULL) {
			t->pool = (unsigned int)atoi(v);
		} else if (pt_is(&k->t, i, "absent")) {
			t->name[0] = 0;
		} else if (memchr(k->t.s[i], ':', k->t.len[i]) != NULL) {
			t->addr6 = grow(t->addr6, &t->n_addrs6, sizeof(*t->addr6));
			t->addr6[t->n_addrs6 - 1] = conf_addr6(k->t.s[i], k->t.len[i]);
		} else if (memchr(k->t.s[i], '/', k->t.len[i]) != NULL) {
			t->addr = grow(t->addr, &t->n_addrs, sizeof(*t->addr));
			t->addr[t->n_addrs - 1] = ifaddr_token(k, i);
		}
	}
	read_limits(k, &t->limits);
}

static enum sl_filter
filter(const struct conf *k, const char *v)
{
	if (strncmp(v, "apd", 3) == 0)
		return SL_FILTER_APD;
	if (strncmp(v, "ad", 2) == 0)
		return SL_FILTER_AD;
	if (strncmp(v, "ei", 2) != 0)
		wrong(k);
	return SL_FILTER_EI;
}

/* How the pool gives out its ports. */
static bool
pool_mode(const struct conf *k, unsigned int i, struct sl_pool *p)
{
	const char *v;

	if ((v = pt_value(&k->t, i, "block")) != NULL) {
		p->block_size = (uint16_t)atoi(v);
	} else if ((v = pt_value(&k->t, i, "blocks")) != NULL) {
		p->blocks_max = (uint8_t)atoi(v);
	} else if ((v = pt_value(&k->t, i, "fixed")) != NULL) {
		p->fixed = ifaddr(k, v, k->t.s[i] + k->t.len[i]);
	} else if ((v = pt_value(&k->t, i, "shared")) != NULL) {
		p->shared_udp = *v == 'u' || *v == 'b';
		p->shared_tcp = *v == 't' || *v == 'b';
	} else if (pt_is(&k->t, i, "drain")) {
		p->drain = true;
	} else if (pt_is(&k->t, i, "absent")) {
		p->name[0] = 0;
	} else {
		return false;
	}
	return true;
}

static void
add_pool(struct conf *k)
{
	struct sl_pool *p;
	const char *v, *s = k->t.s[1], *end = k->t.s[1] + k->t.len[1];

	k->c->pool = grow(k->c->pool, &k->c->n_pools, sizeof(*p));
	p = &k->c->pool[k->c->n_pools - 1];
	snprintf(p->name, sizeof(p->name), "pool%u", k->c->n_pools - 1);
	while (s < end && !pt_is(&k->t, 1, "none")) {
		const char *comma = memchr(s, ',', (size_t)(end - s));
		const char *to = comma != NULL ? comma : end;
		const char *dash = memchr(s, '-', (size_t)(to - s));

		p->range = grow(p->range, &p->n_ranges, sizeof(*p->range));
		p->range[p->n_ranges - 1].first = ifaddr(k, s, dash != NULL ? dash : to).addr;
		p->range[p->n_ranges - 1].last = ifaddr(k, dash != NULL ? dash + 1 : s, to).addr;
		s = to + 1;
	}
	for (unsigned int i = 2; i < k->t.n; i++) {
		if ((v = pt_value(&k->t, i, "ports")) != NULL)
			sscanf(v, "%hu-%hu", &p->port_min, &p->port_max);
		else if ((v = pt_value(&k->t, i, "udp")) != NULL)
			p->filter_udp = filter(k, v);
		else if ((v = pt_value(&k->t, i, "tcp")) != NULL)
			p->filter_tcp = filter(k, v);
		else if (!pool_mode(k, i, p))
			wrong(k);
	}
}

static void
add_forward(struct conf *k)
{
	char out[32], in[32];
	unsigned short out_port = 0, in_port = 0;
	struct sl_forward *f;
	const char *v;

	k->c->forward = grow(k->c->forward, &k->c->n_forwards, sizeof(*f));
	f = &k->c->forward[k->c->n_forwards - 1];
	if (k->t.n < 5 || sscanf(k->t.s[2], "%31[0-9.]:%hu", out, &out_port) != 2 ||
		sscanf(k->t.s[4], "%31[0-9.]:%hu", in, &in_port) != 2)
		wrong(k);
	f->proto = pt_is(&k->t, 1, "tcp") ? 6 : 17;
	f->out_addr = conf_addr(out);
	f->in_addr = conf_addr(in);
	f->out_port = rte_cpu_to_be_16(out_port);
	f->in_port = rte_cpu_to_be_16(in_port);
	for (unsigned int i = 5; i < k->t.n; i++) {
		if ((v = pt_value(&k->t, i, "from")) != NULL)
			f->from = ifaddr(k, v, k->t.s[i] + k->t.len[i]);
		else if ((v = pt_value(&k->t, i, "tenant")) != NULL)
			f->tenant = (unsigned int)atoi(v);
		else if ((v = pt_value(&k->t, i, "expires")) != NULL)
			f->expires = k->base + strtoull(v, NULL, 0);
		else
			wrong(k);
	}
}

static void
add_service(struct conf *k)
{
	struct sl_service *s;

	k->c->service = grow(k->c->service, &k->c->n_services, sizeof(*s));
	s = &k->c->service[k->c->n_services - 1];
	s->proto = pt_is(&k->t, 1, "tcp")    ? 6
		   : pt_is(&k->t, 1, "udp")  ? 17
		   : pt_is(&k->t, 1, "icmp") ? 1
					     : 0;
	s->port = rte_cpu_to_be_16(k->t.n > 2 ? (uint16_t)number(k, 2) : 0);
}

static void
add_bypass(struct conf *k)
{
	struct sl_bypass *b;

	k->c->bypass = grow(k->c->bypass, &k->c->n_bypasses, sizeof(*b));
	b = &k->c->bypass[k->c->n_bypasses - 1];
	b->to = ifaddr_token(k, 1);
	if (k->t.n > 2)
		b->proto = pt_is(&k->t, 2, "tcp")    ? 6
			   : pt_is(&k->t, 2, "udp")  ? 17
			   : pt_is(&k->t, 2, "icmp") ? 1
			   : pt_is(&k->t, 2, "any")  ? 0
						     : (uint8_t)number(k, 2);
	if (k->t.n > 3)
		b->port = rte_cpu_to_be_16((uint16_t)number(k, 3));
}

static unsigned int
one_of(const struct conf *k, unsigned int i, const char *const *word, unsigned int n)
{
	for (unsigned int w = 0; w < n; w++)
		if (pt_is(&k->t, i, word[w]))
			return w;
	wrong(k);
	return 0;
}

const char *const conf_record_name[SL_RECORD_TYPE_COUNT] = {
	[SL_RECORD_SESSION_ADD] = "session-add",
	[SL_RECORD_SESSION_DEL] = "session-del",
	[SL_RECORD_MAPPING_ADD] = "mapping-add",
	[SL_RECORD_MAPPING_DEL] = "mapping-del",
	[SL_RECORD_BLOCK_ADD] = "block-add",
	[SL_RECORD_BLOCK_DEL] = "block-del",
	[SL_RECORD_PORTS_EXHAUSTED] = "exhausted",
	[SL_RECORD_SESSIONS_FULL] = "full",
	[SL_RECORD_LIMIT] = "limit",
};

/* What goes with pools: modes, bypass, protocols, records. */
static bool
read_mode(struct conf *k)
{
	static const char *const on[] = { "off", "on" };
	uint32_t mask = 0;
	struct sl_config *c = k->c;
	const struct pt_tokens *t = &k->t;

	if (pt_is(t, 0, "use-pool"))
		c->tenant[0].pool = (unsigned int)number(k, 1);
	else if (pt_is(t, 0, "bypass"))
		add_bypass(k);
	else if (pt_is(t, 0, "block-idle"))
		c->block_idle = (uint32_t)number(k, 1);
	else if (pt_is(t, 0, "mss"))
		c->mss = (uint16_t)number(k, 1);
	else if (pt_is(t, 0, "other-protocols"))
		c->other_protocols = one_of(k, 1, on, 2);
	else if (pt_is(t, 0, "record"))
		for (unsigned int i = 1; i < t->n; i++)
			mask |= 1u << one_of(k, i, conf_record_name, SL_RECORD_TYPE_COUNT);
	else
		return false;
	c->record_mask |= mask;
	return true;
}

static bool
read_scalar(struct conf *k)
{
	static const char *const timeout[] = { "udp", "tcp-est", "tcp-opening", "tcp-closing",
		"tcp-syn-in", "icmp", "other", "fragment", "port-rest" };
	static const char *const cause[] = { "arp", "nd", "local", "multicast", "helper" };
	static const char *const side[] = { "inside", "outside" };
	static const char *const on[] = { "off", "on" };
	struct sl_config *c = k->c;
	const struct pt_tokens *t = &k->t;

	if (pt_is(t, 0, "timeout"))
		c->timeout[one_of(k, 1, timeout, SL_TIMEOUT_COUNT)] = (uint32_t)number(k, 2);
	else if (pt_is(t, 0, "punt-rate"))
		c->punt_rate[one_of(k, 1, cause, SL_PUNT_COUNT)] = (uint32_t)number(k, 2);
	else if (pt_is(t, 0, "mtu"))
		c->link[one_of(k, 1, side, 2)].mtu = (uint16_t)number(k, 2);
	else if (pt_is(t, 0, "icmp-mute"))
		c->icmp_mute[one_of(k, 1, side, 2)] = true;
	else if (pt_is(t, 0, "icmp-rate"))
		c->icmp_rate = (uint32_t)number(k, 1);
	else if (pt_is(t, 0, "icmp-refusal"))
		c->icmp_refusal_code = (uint8_t)number(k, 1);
	else if (pt_is(t, 0, "unsolicited-syn"))
		c->syn_answer = one_of(k, 1, on, 2);
	else if (pt_is(t, 0, "port-parity"))
		c->port_parity = one_of(k, 1, on, 2);
	else if (pt_is(t, 0, "hairpin"))
		c->hairpin = one_of(k, 1, on, 2);
	else if (pt_is(t, 0, "inbound-refresh"))
		c->inbound_refresh = one_of(k, 1, on, 2);
	else if (pt_is(t, 0, "source-check"))
		c->source_check = one_of(k, 1, on, 2);
	else if (pt_is(t, 0, "kernel-ports"))
		sscanf(t->s[1], "%hu-%hu", &c->kernel_port_min, &c->kernel_port_max);
	else if (pt_is(t, 0, "max-sessions"))
		k->params->max_sessions = (uint32_t)number(k, 1);
	else if (pt_is(t, 0, "max-subscribers"))
		k->params->max_subscribers = (uint32_t)number(k, 1);
	else if (pt_is(t, 0, "ring"))
		k->params->ring_size = (uint32_t)number(k, 1);
	else if (pt_is(t, 0, "workers"))
		k->params->workers = (unsigned int)number(k, 1);
	else
		return false;
	return true;
}

static void
read_statement(struct conf *k)
{
	if (k->t.n == 0)
		return;
	if (k->t.n < 2)
		wrong(k);
	if (pt_is(&k->t, 0, "inside") || pt_is(&k->t, 0, "outside"))
		add_address(k, pt_is(&k->t, 0, "inside"));
	else if (pt_is(&k->t, 0, "tenant"))
		add_tenant(k);
	else if (pt_is(&k->t, 0, "limit"))
		read_limits(k, &k->c->tenant[0].limits);
	else if (pt_is(&k->t, 0, "pool"))
		add_pool(k);
	else if (pt_is(&k->t, 0, "forward"))
		add_forward(k);
	else if (pt_is(&k->t, 0, "service"))
		add_service(k);
	else if (pt_is(&k->t, 0, "helper")
			 ? !conf_helper(k->c, &k->t)
			 : !read_mode(k) && !read_scalar(k) && !conf_read6(k->c, k->params, &k->t))
		wrong(k);
}

static void
add_fixtures(struct conf *k)
{
	struct sl_tenant *t = &k->c->tenant[0];

	for (int side = 0; side < 2; side++)
		k->c->link[side].mac = conf_port_mac((enum sl_side)side);
	t->addr = grow(t->addr, &t->n_addrs, sizeof(*t->addr));
	t->addr[0] = (struct sl_ifaddr){ conf_addr("10.0.0.1"), 24 };
	k->c->outside = grow(k->c->outside, &k->c->n_outside, sizeof(*k->c->outside));
	k->c->outside[0] = (struct sl_ifaddr){ conf_addr("192.0.2.1"), 24 };
}

struct sl_config *
conf_parse(const char *text, uint64_t base, struct conf_params *params)
{
	struct conf k = { .c = sl_config_create(), .params = params, .base = base };

	assert_non_null(k.c);
	add_fixtures(&k);
	while (*text != 0) {
		size_t n = strcspn(text, ";");

		if (pt_split(text, n, &k.t) < 0)
			fail_msg("configuration of the test: %s", text);
		read_statement(&k);
		text += n + (text[n] == ';');
	}
	return k.c;
}

void
conf_params_of(const char *text, struct conf_params *params)
{
	sl_config_destroy(conf_parse(text, 0, params));
}
