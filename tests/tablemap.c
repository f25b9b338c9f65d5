/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The row command "map": what control asks of a worker about mappings on request.
 *
 *     map add udp|tcp A:P [out=P] [exact] [once] [pair] [lease] [rem=A[:P]] [life=MS] [tenant=I]
 *         [astray]
 *     map del udp|tcp A:P [pair] [tenant=I]
 *     map add|del udp|tcp A6#P ... [nat64=I]          of an IPv6 host
 *
 * The request goes to the subscriber's worker, or with "astray" to another one, if there is
 * one. life is 60000 unless said. `expect` is the answer: the outside
 * endpoint as in a packet ("192.0.2.1:$p{even}", * for anything), or the name of an errno.
 * An answer to "del" has no endpoint: it is empty.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pkttoken.h"
#include "table.h"

#define POLLS_MAX 10000

static void
endpoint(const char *s, rte_be32_t *addr, rte_be16_t *port)
{
	char copy[64], *colon;

	snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(s, " "), s);
	colon = strchr(copy, ':');
	if (colon != NULL) {
		*colon = 0;
		*port = rte_cpu_to_be_16((uint16_t)atoi(colon + 1));
	}
	*addr = conf_addr(copy);
}

static bool
endpoint6(const char *s, struct sl_map_request *q)
{
	size_t n = strcspn(s, " "), hash = strcspn(s, "#");

	if (hash >= n)
		return false;
	q->six = true;
	q->in6 = conf_addr6(s, hash).addr;
	q->in_port = rte_cpu_to_be_16((uint16_t)atoi(s + hash + 1));
	return true;
}

static struct sl_map_request
read_request(const struct pt_tokens *t, bool *astray)
{
	struct sl_map_request q = { .lifetime = 60000, .status = 1 };
	const char *v;

	q.proto = pt_is(t, 2, "tcp") ? 6 : pt_is(t, 2, "udp") ? 17 : (uint8_t)atoi(t->s[2]);
	if (!endpoint6(t->s[3], &q))
		endpoint(t->s[3], &q.in_addr, &q.in_port);
	for (unsigned int i = 4; i < t->n; i++) {
		q.exact |= pt_is(t, i, "exact");
		q.once |= pt_is(t, i, "once");
		q.pair |= pt_is(t, i, "pair");
		q.lease |= pt_is(t, i, "lease");
		*astray |= pt_is(t, i, "astray");
		if ((v = pt_value(t, i, "out")) != NULL)
			q.out_port = rte_cpu_to_be_16((uint16_t)atoi(v));
		else if ((v = pt_value(t, i, "rem")) != NULL)
			endpoint(v, &q.rem_addr, &q.rem_port);
		else if ((v = pt_value(t, i, "life")) != NULL)
			q.lifetime = (uint32_t)strtoul(v, NULL, 0);
		else if ((v = pt_value(t, i, "nat64")) != NULL)
			q.nat64 = (unsigned int)atoi(v);
		else if ((v = pt_value(t, i, "tenant")) != NULL)
			q.tenant = (uint16_t)atoi(v);
	}
	return q;
}

static void
ask(struct pipe *p, unsigned int worker, struct sl_msg *msg)
{
	for (msg->cursor = 0; msg->cursor != UINT32_MAX;) {
		struct sl_msg *back;

		assert_int_equal(sl_msg_send(p->nat, worker, msg), 0);
		for (unsigned int i = 0; (back = pipe_answer(p, worker)) == NULL; i++) {
			assert_true(i < POLLS_MAX);
			pipe_poll(p, 1);
		}
		assert_ptr_equal(back, msg);
	}
}

static const char *
errno_name(int status)
{
	static const struct {
		int number;
		const char *name;
	} names[] = { { EADDRINUSE, "EADDRINUSE" }, { EDQUOT, "EDQUOT" }, { ENOSPC, "ENOSPC" },
		{ ENOENT, "ENOENT" }, { EINVAL, "EINVAL" } };

	for (unsigned int i = 0; i < RTE_DIM(names); i++)
		if (names[i].number == -status)
			return names[i].name;
	return "an unknown status";
}

/* One half of an endpoint; a name is bound by its first use. */
static bool
half_fits(struct run *r, const char *want, size_t n, const char *got)
{
	if (n == 1 && *want == '*')
		return true;
	if (*want == '$')
		return pt_name_match(&r->names, want, n, got) == 0;
	return strlen(got) == n && memcmp(want, got, n) == 0;
}

static void
check_endpoint(struct run *r, const struct row *row, const struct sl_map_request *q)
{
	const uint8_t *a = (const uint8_t *)&q->out_addr;
	size_t n = strcspn(row->expect, ":");
	char addr[32], port[8];

	snprintf(addr, sizeof(addr), "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
	snprintf(port, sizeof(port), "%u", rte_be_to_cpu_16(q->out_port));
	if (q->status != 0)
		run_fail(r, row, "answered %s, expected %s", errno_name(q->status), row->expect);
	else if (row->expect[n] == 0 || !half_fits(r, row->expect, n, addr) ||
		 !half_fits(r, row->expect + n + 1, strlen(row->expect + n + 1), port))
		run_fail(r, row, "answered %s:%s, expected %s", addr, port, row->expect);
}

void
table_map(struct run *r, const struct row *row, const struct pt_tokens *t)
{
	struct sl_map_request q;
	bool astray = false;
	unsigned int worker;
	struct sl_msg msg = { .op = pt_is(t, 1, "add") ? SL_MSG_MAP_ADD : SL_MSG_MAP_DEL };
	const char *expect = row->expect == NULL ? "" : row->expect;

	if (t->n < 4) {
		run_fail(r, row, "what is to be mapped?");
		return;
	}
	q = read_request(t, &astray);
	if (astray && r->p->n_workers == 1)
		return;
	msg.buf = &q;
	worker = q.six ? sl_subscriber_worker6(r->p->nat, q.tenant, &q.in6)
		       : sl_subscriber_worker(r->p->nat, q.in_addr);
	ask(r->p, (worker + astray) % r->p->n_workers, &msg);
	if (*expect == 'E' || msg.op == SL_MSG_MAP_DEL) {
		const char *got = q.status == 0 ? "" : errno_name(q.status);

		if (strcmp(got, expect) != 0)
			run_fail(r, row, "answered '%s', expected '%s'", got, expect);
		return;
	}
	check_endpoint(r, row, &q);
}
