/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Rows that are no packet but a command (`in` is DO):
 *
 *     poll N                          poll every worker N times
 *     receive SIDE PACKETS            as a packet row would; for use with ANY
 *     repeat N SIDE PACKET            N packets; each # is 0, 1, 2, ...; #K# begins with K
 *     inject SIDE PACKET              control sends a finished frame
 *     refuse SIDE N                   the port will not take the next N packets
 *     neigh SIDE A up|down [TENANT]   what the kernel tells of a neighbour
 *     route SIDE A/L [GATEWAY [TENANT]]   and of a route; GATEWAY 0.0.0.0: on the link
 *     unroute A/L [TENANT]
 *     neigh6 SIDE A up|down [TENANT]   route6 SIDE A/L [GATEWAY [TENANT]]   unroute6 A/L [TENANT]
 *     resolve SIDE A [TENANT]         an event asked for this neighbour since the last one
 *     config STATEMENTS               another configuration, as in conf.c
 *     badconfig STATEMENTS            one that must be refused
 *     configs N                       the same configuration N times over
 *     sessions N [SELECT] [CHECK]     exactly N; every one of them passes the checks
 *     mappings N [SELECT]   subscribers N
 *     clear [SELECT]                  end sessions; SELECT is needed for some of them
 *     map add|del ...                 a mapping on request, see tablemap.c
 *     used tcp|udp|icmp N             ports in use or resting, over all pool addresses
 *     records N TYPE [in=A] [out=A] [has=P] [size=N] [tenant=I] [why=COUNTER]
 *                                     exactly N since the case began or "records forget"
 *
 *     blocks N in=A [tenant=I] [size=PORTS]   of that subscriber
 *     use POOL ADDRESSES PORTS        of one pool, tcp ports in use or resting
 *     listen TYPE...                  records of these types are wanted, whatever the configuration
 *
 * SIDE is in or out. SELECT: see tableselect.c.
 * CHECK: state=NAME left=MS idle=MS age=MS packets=OUT/IN bytes=OUT/IN inbound=0|1; of subscribers
 * refused=PORTS/SESSIONS/RATE/OTHER holds=BLOCKS.
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

#define ANSWERS_MAX 4096

/** A command that is carried out. */
struct command {
	struct run *r;
	const struct row *row;
	struct pt_tokens t;
};

/* Token i as a string of its own, until the next call. */
static const char *
word(const struct command *k, unsigned int i)
{
	static char copy[4][128];
	static unsigned int turn;
	char *c = copy[turn++ % 4];

	snprintf(c, sizeof(copy[0]), "%.*s", i < k->t.n ? (int)k->t.len[i] : 0,
		i < k->t.n ? k->t.s[i] : "");
	return c;
}

static enum sl_side
side_of(const struct command *k, unsigned int i)
{
	return pt_is(&k->t, i, "out") ? SL_OUTSIDE : SL_INSIDE;
}

static void
do_repeat(const struct command *k)
{
	unsigned long n = strtoul(word(k, 1), NULL, 0);

	for (unsigned long i = 0; i < n && !k->r->failed; i++) {
		char text[1024];
		size_t len = 0;

		for (const char *s = k->t.s[3]; *s != 0 && len < sizeof(text) - 12; s++) {
			char *end = NULL;
			unsigned long from = 0;

			if (*s != '#') {
				text[len++] = *s;
				continue;
			}
			from = strtoul(s + 1, &end, 10);
			if (end != s + 1 && *end == '#')
				s = end;
			else
				from = 0;
			len += (size_t)snprintf(text + len, 12, "%lu", from + i);
		}
		text[len] = 0;
		table_receive(k->r, k->row, side_of(k, 2), text);
		if (i % 32 == 31)
			pipe_settle(k->r->p);
		if (k->r->p->n_got > PIPE_GOT_MAX / 2)
			pipe_discard(k->r->p);
	}
}

static void
do_inject(const struct command *k)
{
	static struct pt_frame f;
	enum sl_side side = side_of(k, 1);
	struct pt_default def = { .smac = conf_port_mac(side), .ttl = 63 };
	char why[256], text[1024];
	struct rte_mbuf *m;

	if (pt_subst(&k->r->names, k->t.s[2], text, sizeof(text), why, sizeof(why)) < 0 ||
		pt_build(text, &def, &f, why, sizeof(why)) < 0) {
		run_fail(k->r, k->row, "%s", why);
		return;
	}
	def = pipe_default_out(k->r->p, side, 0, f.b, f.len);
	if (strstr(text, "dmac=") == NULL)
		pt_build(text, &def, &f, why, sizeof(why));
	m = pipe_mbuf(f.b, f.len);
	if (sl_control_inject(k->r->p->nat, side, m) < 0) {
		rte_pktmbuf_free(m);
		run_fail(k->r, k->row, "not taken");
	}
}

static struct sl_ifaddr
prefix_of(const char *s)
{
	struct sl_ifaddr a = { .plen = 32 };
	char copy[64], *slash;

	snprintf(copy, sizeof(copy), "%s", s);
	slash = strchr(copy, '/');
	if (slash != NULL) {
		*slash = 0;
		a.plen = (uint8_t)atoi(slash + 1);
	}
	a.addr = conf_addr(copy);
	return a;
}

static void
do_unroute(const struct command *k)
{
	struct sl_ifaddr a = prefix_of(word(k, 1));
	unsigned int tenant = (unsigned int)atoi(word(k, 2));

	if (sl_route_del(k->r->p->nat, tenant, a.addr, a.plen) != 0)
		run_fail(k->r, k->row, "no such route");
	for (unsigned int i = 0; i < k->r->p->n_routes; i++)
		if (k->r->p->route[i].prefix == a.addr && k->r->p->route[i].plen == a.plen &&
			k->r->p->route[i].tenant == tenant)
			k->r->p->route[i] = k->r->p->route[--k->r->p->n_routes];
}

static void
do_resolve6(const struct command *k)
{
	struct sl_ip6 addr = conf_addr6(word(k, 2), strlen(word(k, 2))).addr;

	for (unsigned int i = 0; i < k->r->p->n_events; i++)
		if (k->r->p->event[i].type == SL_EVENT_RESOLVE && k->r->p->event[i].six &&
			memcmp(&k->r->p->event[i].addr6, &addr, sizeof(addr)) == 0 &&
			k->r->p->event[i].side == side_of(k, 1) &&
			k->r->p->event[i].tenant == (unsigned int)atoi(word(k, 3))) {
			k->r->p->n_events = 0;
			return;
		}
	run_fail(k->r, k->row, "nobody asked");
}

static bool
do_kernel6(const struct command *k)
{
	struct pipe *p = k->r->p;
	struct sl_ifaddr6 a, gw;

	if (pt_is(&k->t, 0, "neigh6")) {
		a = conf_addr6(word(k, 2), strlen(word(k, 2)));
		pipe_neigh6(p, (unsigned int)atoi(word(k, 4)), side_of(k, 1), &a.addr,
			pt_is(&k->t, 3, "up"));
	} else if (pt_is(&k->t, 0, "route6")) {
		a = conf_addr6(word(k, 2), strlen(word(k, 2)));
		gw = k->t.n > 3 ? conf_addr6(word(k, 3), strlen(word(k, 3))) : a;
		pipe_route6(p, (unsigned int)atoi(word(k, 4)), a, side_of(k, 1),
			k->t.n > 3 ? &gw.addr : NULL);
	} else if (pt_is(&k->t, 0, "unroute6")) {
		a = conf_addr6(word(k, 1), strlen(word(k, 1)));
		if (sl_route6_del(p->nat, (unsigned int)atoi(word(k, 2)), &a.addr, a.plen) != 0)
			run_fail(k->r, k->row, "no such route");
	} else {
		return false;
	}
	return true;
}

static void
do_resolve(const struct command *k)
{
	rte_be32_t addr;
	unsigned int tenant = (unsigned int)atoi(word(k, 3));

	if (strchr(word(k, 2), ':') != NULL) {
		do_resolve6(k);
		return;
	}
	addr = conf_addr(word(k, 2));
	for (unsigned int i = 0; i < k->r->p->n_events; i++)
		if (k->r->p->event[i].type == SL_EVENT_RESOLVE && k->r->p->event[i].addr == addr &&
			k->r->p->event[i].side == side_of(k, 1) &&
			k->r->p->event[i].tenant == tenant) {
			k->r->p->n_events = 0;
			return;
		}
	run_fail(k->r, k->row, "nobody asked");
}

static void
check_session(const struct command *k, const struct sl_session *s)
{
	for (unsigned int i = 2; i < k->t.n; i++) {
		const char *w = word(k, i), *v;
		uint64_t want[2] = { 0 };

		if ((v = pt_value(&k->t, i, "state")) != NULL) {
			if (strcmp(strchr(w, '=') + 1,
				    sl_tcp_state_name((enum sl_tcp_state)s->tcp_state)) != 0)
				run_fail(k->r, k->row, "state is %s",
					sl_tcp_state_name((enum sl_tcp_state)s->tcp_state));
		} else if ((v = pt_value(&k->t, i, "left")) != NULL) {
			if (strtoul(v, NULL, 0) != s->left)
				run_fail(k->r, k->row, "left is %u", s->left);
		} else if ((v = pt_value(&k->t, i, "idle")) != NULL) {
			if (strtoul(v, NULL, 0) != s->idle)
				run_fail(k->r, k->row, "idle is %u", s->idle);
		} else if ((v = pt_value(&k->t, i, "age")) != NULL) {
			if (strtoul(v, NULL, 0) != s->age)
				run_fail(k->r, k->row, "age is %u", s->age);
		} else if ((v = pt_value(&k->t, i, "inbound")) != NULL) {
			if ((*v == '1') != s->opened_inbound)
				run_fail(k->r, k->row, "inbound is %d", s->opened_inbound);
		} else if ((v = pt_value(&k->t, i, "packets")) != NULL) {
			sscanf(v, "%lu/%lu", want, want + 1);
			if (want[0] != s->packets[0] || want[1] != s->packets[1])
				run_fail(k->r, k->row, "packets are %lu/%lu", s->packets[0],
					s->packets[1]);
		} else if ((v = pt_value(&k->t, i, "bytes")) != NULL) {
			sscanf(v, "%lu/%lu", want, want + 1);
			if (want[0] != s->bytes[0] || want[1] != s->bytes[1])
				run_fail(k->r, k->row, "bytes are %lu/%lu", s->bytes[0],
					s->bytes[1]);
		}
	}
}

static void
do_query(const struct command *k, enum sl_msg_op op, size_t size, enum sl_counter gauge)
{
	static union {
		struct sl_session s[ANSWERS_MAX];
		struct sl_mapping m[ANSWERS_MAX];
		struct sl_subscriber u[ANSWERS_MAX];
	} answer;
	struct sl_select select = table_select(&k->t, 2);
	unsigned int want = (unsigned int)atoi(word(k, 1)), n;

	n = pipe_ask(k->r->p, op, &select, &answer, size, ANSWERS_MAX);
	if (n != want)
		run_fail(k->r, k->row, "there are %u", n);
	if (k->t.n == 2 && sl_counter_sum(k->r->p->nat, gauge) != want)
		run_fail(k->r, k->row, "%s says %lu", sl_counter_name(gauge),
			sl_counter_sum(k->r->p->nat, gauge));
	for (unsigned int i = 0; op == SL_MSG_SESSIONS && i < n; i++)
		check_session(k, &answer.s[i]);
	for (unsigned int i = 0; op == SL_MSG_SUBSCRIBERS && i < n; i++)
		table_check_subscriber(k->r, k->row, &k->t, &answer.u[i]);
}

static void
do_used(const struct command *k)
{
	struct sl_pool_use use[64];
	unsigned int n = sl_pool_use(k->r->p->nat, 0, use, RTE_DIM(use)), used = 0;
	unsigned int class = pt_is(&k->t, 1, "tcp") ? 0 : pt_is(&k->t, 1, "udp") ? 1 : 2;

	for (unsigned int i = 0; i < n; i++)
		used += use[i].used[class];
	if (used != (unsigned int)atoi(word(k, 2)))
		run_fail(k->r, k->row, "%u are used", used);
}

static bool
same6(const char *text, const struct sl_record *rec)
{
	struct sl_ifaddr6 a = conf_addr6(text, strlen(text));

	return rec->six && rec->plen6 == a.plen && memcmp(&a.addr, &rec->in6, sizeof(a.addr)) == 0;
}

/* Does a record fit every check? */
static bool
record_fits(const struct command *k, const struct sl_record *rec)
{
	uint32_t start = rte_be_to_cpu_16(rec->out_port);

	for (unsigned int i = 3; i < k->t.n; i++) {
		const char *w = strchr(word(k, i), '='), *v;

		if (((v = pt_value(&k->t, i, "in6")) != NULL && !same6(w + 1, rec)) ||
			((v = pt_value(&k->t, i, "in")) != NULL &&
				conf_addr(w + 1) != rec->in_addr) ||
			((v = pt_value(&k->t, i, "out")) != NULL &&
				conf_addr(w + 1) != rec->out_addr) ||
			((v = pt_value(&k->t, i, "has")) != NULL &&
				strtoul(v, NULL, 0) - start >= rec->block_size) ||
			((v = pt_value(&k->t, i, "size")) != NULL && atoi(v) != rec->block_size) ||
			((v = pt_value(&k->t, i, "tenant")) != NULL && atoi(v) != rec->tenant) ||
			((v = pt_value(&k->t, i, "why")) != NULL &&
				strcmp(w + 1, sl_counter_name((enum sl_counter)rec->limit)) != 0))
			return false;
	}
	return true;
}

static void
do_records(const struct command *k)
{
	struct run *r = k->r;
	unsigned int want = (unsigned int)atoi(word(k, 1)), n = 0;

	r->n_records += sl_control_records(
		r->p->nat, r->record + r->n_records, RUN_RECORDS_MAX - r->n_records);
	if (pt_is(&k->t, 1, "forget"))
		r->n_records = 0;
	for (unsigned int i = 0; i < r->n_records; i++) {
		const struct sl_record *rec = &r->record[i];

		if (rec->block_size != 0 && rte_be_to_cpu_16(rec->out_port) % rec->block_size != 0)
			run_fail(r, k->row, "a block of %u ports begins at %u", rec->block_size,
				rte_be_to_cpu_16(rec->out_port));
		n += pt_is(&k->t, 2, conf_record_name[rec->type]) && record_fits(k, rec);
	}
	if (n != want)
		run_fail(r, k->row, "there are %u of %u", n, r->n_records);
}

static void
do_config(const struct command *k, bool good)
{
	int rc = pipe_configure(k->r->p, k->t.n > 1 ? k->t.s[1] : "");

	if ((rc == 0) != good)
		run_fail(k->r, k->row, "sl_nat_configure() gave %d", rc);
}

static bool
do_kernel(const struct command *k)
{
	struct pipe *p = k->r->p;

	if (pt_is(&k->t, 0, "neigh"))
		pipe_neigh(p, (unsigned int)atoi(word(k, 4)), side_of(k, 1), conf_addr(word(k, 2)),
			pt_is(&k->t, 3, "up"));
	else if (pt_is(&k->t, 0, "route"))
		pipe_route(p, (unsigned int)atoi(word(k, 4)), prefix_of(word(k, 2)), side_of(k, 1),
			k->t.n > 3 ? conf_addr(word(k, 3)) : 0);
	else if (pt_is(&k->t, 0, "unroute"))
		do_unroute(k);
	else if (pt_is(&k->t, 0, "resolve"))
		do_resolve(k);
	else
		return do_kernel6(k);
	return true;
}

static bool
do_packets(const struct command *k)
{
	if (pt_is(&k->t, 0, "poll"))
		pipe_poll(k->r->p, (unsigned int)atoi(word(k, 1)));
	else if (pt_is(&k->t, 0, "receive"))
		table_receive(k->r, k->row, side_of(k, 1), k->t.s[2]);
	else if (pt_is(&k->t, 0, "repeat"))
		do_repeat(k);
	else if (pt_is(&k->t, 0, "inject"))
		do_inject(k);
	else if (pt_is(&k->t, 0, "refuse"))
		k->r->p->refuse[side_of(k, 1)] = (unsigned int)atoi(word(k, 2));
	else
		return false;
	return true;
}

void
table_do(struct run *r, const struct row *row)
{
	static char text[PT_TEXT_MAX];
	struct command k = { .r = r, .row = row };
	struct sl_select select;
	char why[128];

	/* Packets keep their names: the functions that build them replace these. */
	if (pt_subst(&r->names, row->packet, text, sizeof(text), why, sizeof(why)) < 0 ||
		pt_split(text, strlen(text), &k.t) < 0 || k.t.n == 0) {
		run_fail(r, row, "%s", why);
		return;
	}
	if (do_kernel(&k) || do_packets(&k))
		return;
	if (pt_is(&k.t, 0, "config") || pt_is(&k.t, 0, "badconfig")) {
		do_config(&k, pt_is(&k.t, 0, "config"));
	} else if (pt_is(&k.t, 0, "configs")) {
		for (int i = atoi(word(&k, 1)); i > 0; i--)
			if (pipe_configure(r->p, r->c->conf) != 0)
				run_fail(r, row, "refused");
	} else if (pt_is(&k.t, 0, "sessions")) {
		do_query(&k, SL_MSG_SESSIONS, sizeof(struct sl_session), SL_COUNTER_SESSIONS_NOW);
	} else if (pt_is(&k.t, 0, "mappings")) {
		do_query(&k, SL_MSG_MAPPINGS, sizeof(struct sl_mapping), SL_COUNTER_MAPPINGS_NOW);
	} else if (pt_is(&k.t, 0, "subscribers")) {
		do_query(&k, SL_MSG_SUBSCRIBERS, sizeof(struct sl_subscriber),
			SL_COUNTER_SUBSCRIBERS_NOW);
	} else if (pt_is(&k.t, 0, "clear")) {
		select = table_select(&k.t, 1);
		pipe_ask(r->p, SL_MSG_CLEAR, &select, NULL, 0, 0);
	} else if (pt_is(&k.t, 0, "map")) {
		table_map(r, row, &k.t);
	} else if (table_look(r, row, &k.t)) {
		return;
	} else if (pt_is(&k.t, 0, "used")) {
		do_used(&k);
	} else if (pt_is(&k.t, 0, "records")) {
		do_records(&k);
	} else {
		run_fail(r, row, "what is '%s'", word(&k, 0));
	}
}
