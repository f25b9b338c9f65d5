/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What rows select, and what they look at beside sessions.
 *
 * SELECT: proto=tcp|udp|icmp|N in=A:P out=A:P rem=A:P tenant=I in6=A/L pool=I helper=N older=MS
 *     resting=MS with=TRAIT[,TRAIT] without=TRAIT[,TRAIT] osrc=END odst=END rsrc=END rdst=END
 *     least=SESSIONS/PORTS
 * TRAIT: six inbound replied forwarded hairpin. END: A:P, or A/L of IPv6.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pkttoken.h"
#include "table.h"

static void
read_endpoint(const char *v, struct sl_ifaddr *a, rte_be16_t *port)
{
	char copy[64], *colon;

	snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(v, " "), v);
	colon = strchr(copy, ':');
	if (colon != NULL) {
		*colon = 0;
		*port = rte_cpu_to_be_16((uint16_t)atoi(colon + 1));
	}
	if (*copy != 0)
		*a = (struct sl_ifaddr){ conf_addr(copy), 32 };
}

static void
read_end(const char *v, size_t n, struct sl_select *s, struct sl_select_end *e)
{
	const char *colon = memchr(v, ':', n);

	s->tuples = true;
	if (colon != NULL && memchr(colon + 1, ':', n - (size_t)(colon + 1 - v)) != NULL)
		e->net6 = conf_addr6(v, n);
	else
		read_endpoint(v, &e->net, &e->port);
}

static uint8_t
read_traits(const char *v, size_t n)
{
	static const char *const names[] = { "six", "inbound", "replied", "forwarded", "hairpin" };
	uint8_t traits = 0;
	size_t len;

	for (const char *end = v + n; v < end; v += len + 1) {
		len = strcspn(v, ", ");
		for (unsigned int i = 0; i < RTE_DIM(names); i++)
			if (strlen(names[i]) == len && memcmp(names[i], v, len) == 0)
				traits |= (uint8_t)(1 << i);
	}
	assert_int_not_equal(traits, 0);
	return traits;
}

/* What only some questions have. */
static void
read_more(const struct pt_tokens *t, unsigned int i, struct sl_select *s)
{
	const char *v, *end = t->s[i] + t->len[i];

	if ((v = pt_value(t, i, "pool")) != NULL)
		s->pool = (uint16_t)(atoi(v) + 1);
	else if ((v = pt_value(t, i, "helper")) != NULL)
		s->helper = (uint8_t)atoi(v);
	else if ((v = pt_value(t, i, "older")) != NULL)
		s->age = (uint32_t)atoi(v);
	else if ((v = pt_value(t, i, "resting")) != NULL)
		s->idle = (uint32_t)atoi(v);
	else if ((v = pt_value(t, i, "with")) != NULL)
		s->with = read_traits(v, (size_t)(end - v));
	else if ((v = pt_value(t, i, "without")) != NULL)
		s->without = read_traits(v, (size_t)(end - v));
	else if ((v = pt_value(t, i, "osrc")) != NULL)
		read_end(v, (size_t)(end - v), s, &s->orig[0]);
	else if ((v = pt_value(t, i, "odst")) != NULL)
		read_end(v, (size_t)(end - v), s, &s->orig[1]);
	else if ((v = pt_value(t, i, "rsrc")) != NULL)
		read_end(v, (size_t)(end - v), s, &s->reply[0]);
	else if ((v = pt_value(t, i, "rdst")) != NULL)
		read_end(v, (size_t)(end - v), s, &s->reply[1]);
	else if ((v = pt_value(t, i, "least")) != NULL)
		sscanf(v, "%u/%u", &s->least_sessions, &s->least_ports);
}

struct sl_select
table_select(const struct pt_tokens *t, unsigned int from)
{
	struct sl_select s = { .proto = 0 };
	const char *v;

	for (unsigned int i = from; i < t->n; i++) {
		if ((v = pt_value(t, i, "proto")) != NULL)
			s.proto = *v == 't' ? 6 : *v == 'u' ? 17 : *v == 'i' ? 1 : (uint8_t)atoi(v);
		else if ((v = pt_value(t, i, "in")) != NULL)
			read_endpoint(v, &s.in, &s.in_port);
		else if ((v = pt_value(t, i, "out")) != NULL)
			read_endpoint(v, &s.out, &s.out_port);
		else if ((v = pt_value(t, i, "rem")) != NULL)
			read_endpoint(v, &s.rem, &s.rem_port);
		else if ((v = pt_value(t, i, "in6")) != NULL)
			s.in6 = conf_addr6(v, (size_t)(t->s[i] + t->len[i] - v));
		else if ((v = pt_value(t, i, "tenant")) != NULL)
			s.tenant = (uint16_t)(atoi(v) + 1);
		else
			read_more(t, i, &s);
	}
	return s;
}

void
table_check_subscriber(struct run *r, const struct row *row, const struct pt_tokens *t,
	const struct sl_subscriber *s)
{
	unsigned int want[SL_REFUSED_COUNT] = { 0 };
	const char *v;

	for (unsigned int i = 2; i < t->n; i++) {
		if ((v = pt_value(t, i, "refused")) != NULL) {
			sscanf(v, "%u/%u/%u/%u", want, want + 1, want + 2, want + 3);
			if (memcmp(want, s->refused_by, sizeof(want)) != 0 ||
				s->refused != (uint64_t)want[0] + want[1] + want[2] + want[3])
				run_fail(r, row, "refused are %u/%u/%u/%u, together %lu",
					s->refused_by[0], s->refused_by[1], s->refused_by[2],
					s->refused_by[3], s->refused);
		} else if ((v = pt_value(t, i, "holds")) != NULL) {
			if ((uint32_t)atoi(v) != s->blocks)
				run_fail(r, row, "it holds %u blocks", s->blocks);
		}
	}
}

static void
look_at_blocks(struct run *r, const struct row *row, const struct pt_tokens *t)
{
	struct sl_select select = table_select(t, 2);
	struct sl_block_view b[8];
	unsigned int n;
	const char *v;

	select.tenant = RTE_MAX(select.tenant, 1);
	n = pipe_ask(r->p, SL_MSG_BLOCKS, &select, b, sizeof(b[0]), RTE_DIM(b));
	if (n != (unsigned int)atoi(t->s[1]))
		run_fail(r, row, "there are %u", n);
	for (unsigned int i = 2; i < t->n; i++)
		if ((v = pt_value(t, i, "size")) != NULL)
			for (unsigned int k = 0; k < n; k++)
				if (b[k].size != atoi(v) || b[k].start % b[k].size != 0 ||
					(b[k].used == 0) != (b[k].idle != 0))
					run_fail(r, row, "%u ports from %u, %u used, idle %u",
						b[k].size, b[k].start, b[k].used, b[k].idle);
}

static void
look_at_use(struct run *r, const struct row *row, const struct pt_tokens *t)
{
	unsigned int pool = (unsigned int)atoi(t->s[1]), addresses = 0, ports = 0, n;
	struct sl_pool_use use[2];

	while ((n = sl_pool_use_of(r->p->nat, pool, addresses, use, RTE_DIM(use))) > 0) {
		for (unsigned int i = 0; i < n; i++) {
			ports += use[i].used[0];
			if (use[i].pool != pool)
				run_fail(r, row, "an address of pool %u", use[i].pool);
		}
		addresses += n;
	}
	if (addresses != (unsigned int)atoi(t->s[2]) || ports != (unsigned int)atoi(t->s[3]))
		run_fail(r, row, "%u addresses, %u ports", addresses, ports);
}

bool
table_look(struct run *r, const struct row *row, const struct pt_tokens *t)
{
	uint32_t mask = 0;

	if (pt_is(t, 0, "blocks")) {
		look_at_blocks(r, row, t);
	} else if (pt_is(t, 0, "use")) {
		look_at_use(r, row, t);
	} else if (pt_is(t, 0, "listen")) {
		for (unsigned int i = 0; i < SL_RECORD_TYPE_COUNT; i++)
			for (unsigned int k = 1; k < t->n; k++)
				mask |= pt_is(t, k, conf_record_name[i]) ? 1u << i : 0;
		sl_nat_listen(r->p->nat, mask);
	} else {
		return false;
	}
	return true;
}
