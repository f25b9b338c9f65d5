/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A gateway's state saved and put back into another one of 1, 2 or 3 workers: sessions are there
 * with the same endpoints, state and time, packets of both directions pass with the same
 * translation, and what does not fit any more is left out for the right reason.
 */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "savekit.h"

#define BASE 5000
#define SESSIONS_MAX 512

static struct saved saved;
static unsigned int turn;

/* ---- packets ---- */

/* Send a packet; returns how many came out on that side, *out is the first one's bytes. */
static unsigned int
send_packet_to(struct pipe *p, enum sl_side side, enum sl_side to, const char *text, uint8_t *out,
	size_t *len)
{
	static struct pt_frame f;
	struct pt_default def = pipe_default_in(p, side, NULL, 0);
	char why[128];
	struct rte_mbuf *m;
	unsigned int n = 0;

	if (pt_build(text, &def, &f, why, sizeof(why)) != 0)
		fail_msg("%s: %s", text, why);
	def = pipe_default_in(p, side, f.b, f.len);
	assert_int_equal(pt_build(text, &def, &f, why, sizeof(why)), 0);
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, turn++ % p->n_workers, side, &m, 1);
	pipe_settle(p);
	for (unsigned int i = 0; i < p->n_got; i++) {
		if (p->got[i].punt || p->got[i].side != to)
			continue;
		if (n++ == 0 && out != NULL) {
			*len = p->got[i].m->pkt_len - 14;
			memcpy(out, rte_pktmbuf_mtod_offset(p->got[i].m, uint8_t *, 14),
				*len = RTE_MIN(*len, (size_t)256));
		}
	}
	pipe_discard(p);
	return n;
}

static unsigned int
send_packet(struct pipe *p, enum sl_side side, const char *text, uint8_t *out, size_t *len)
{
	return send_packet_to(p, side, SL_ACROSS(side), text, out, len);
}

#define HOSTS 30

/* A gateway that knows where its hosts are. */
static struct pipe *
make(unsigned int n_workers, const char *conf, uint64_t seed, uint64_t base)
{
	struct pipe *p = pipe_create(n_workers, conf, seed, base);

	for (uint32_t h = 2; h < 2 + HOSTS; h++)
		pipe_neigh(p, 0, SL_INSIDE, rte_cpu_to_be_32(0x0a000000 + h), true);
	return p;
}

/* ---- saving and putting back ---- */

static void
put_back(struct pipe *p, const struct saved *s, uint64_t elapsed)
{
	saved_put(p, s, elapsed, saved_names());
}

static int
by_tuple(const void *a, const void *b)
{
	const struct sl_session *x = a, *y = b;
	int c = memcmp(&x->in_addr, &y->in_addr, sizeof(x->in_addr));

	if (c == 0)
		c = memcmp(&x->in_port, &y->in_port, sizeof(x->in_port));
	if (c == 0)
		c = memcmp(&x->rem_addr, &y->rem_addr, sizeof(x->rem_addr));
	if (c == 0)
		c = memcmp(&x->rem_port, &y->rem_port, sizeof(x->rem_port));
	return c != 0 ? c : x->proto - y->proto;
}

static unsigned int
list(struct pipe *p, struct sl_session *s)
{
	const struct sl_select all = { 0 };
	unsigned int n = pipe_ask(p, SL_MSG_SESSIONS, &all, s, sizeof(*s), SESSIONS_MAX);

	qsort(s, n, sizeof(*s), by_tuple);
	return n;
}

static void
assert_same_sessions(const struct sl_session *a, const struct sl_session *b, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		assert_int_equal(a[i].in_port, b[i].in_port);
		assert_int_equal(a[i].out_addr, b[i].out_addr);
		assert_int_equal(a[i].out_port, b[i].out_port);
		assert_int_equal(a[i].rem_addr, b[i].rem_addr);
		assert_int_equal(a[i].rem_port, b[i].rem_port);
		assert_int_equal(a[i].tenant, b[i].tenant);
		assert_int_equal(a[i].proto, b[i].proto);
		assert_int_equal(a[i].tcp_state, b[i].tcp_state);
		assert_int_equal(a[i].opened_inbound, b[i].opened_inbound);
		assert_int_equal(a[i].age, b[i].age);
		assert_int_equal(a[i].idle, b[i].idle);
		assert_int_equal(a[i].left, b[i].left);
		assert_memory_equal(a[i].packets, b[i].packets, sizeof(a[i].packets));
		assert_memory_equal(a[i].bytes, b[i].bytes, sizeof(a[i].bytes));
	}
}

/* ---- a mix of everything ---- */

static void
send_from(struct pipe *p, unsigned int host, const char *rest)
{
	char text[160];

	snprintf(text, sizeof(text), rest, host);
	assert_int_equal(send_packet(p, SL_INSIDE, text, NULL, NULL), 1);
}

static void
answer_tcp(struct pipe *p)
{
	static struct sl_session s[SESSIONS_MAX];
	unsigned int n = list(p, s);
	char text[160];

	for (unsigned int i = 0; i < n; i++) {
		if (s[i].proto != IPPROTO_TCP)
			continue;
		snprintf(text, sizeof(text),
			"tcp 198.51.100.9:80 > 192.0.2.1:%u SYN ACK seq=9000 ack=1001 win=5000",
			rte_be_to_cpu_16(s[i].out_port));
		assert_int_equal(send_packet(p, SL_OUTSIDE, text, NULL, NULL), 1);
	}
}

static void
open_many(struct pipe *p)
{
	for (unsigned int h = 2; h < 2 + HOSTS; h++) {
		send_from(p, h, "udp 10.0.0.%u:5000 > 198.51.100.9:53 'q'");
		send_from(p, h, "udp 10.0.0.%u:5000 > 198.51.100.8:53 'q'");
		send_from(p, h, "tcp 10.0.0.%u:6000 > 198.51.100.9:80 SYN seq=1000 win=4000");
		send_from(p, h, "icmp echo 10.0.0.%u > 198.51.100.9 id=77 seq=1");
	}
	answer_tcp(p);
	for (unsigned int h = 2; h < 2 + HOSTS; h++)
		send_from(p, h,
			"tcp 10.0.0.%u:6000 > 198.51.100.9:80 ACK seq=1001 ack=9001 win=4000");
}

/* Translations of a packet of each session in both directions. */
static void
pass_both_ways(struct pipe *p, const struct sl_session *s, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		uint8_t b[256];
		char text[200];
		unsigned int host = rte_be_to_cpu_32(s[i].in_addr) & 255;
		unsigned int rem = rte_be_to_cpu_32(s[i].rem_addr) & 255;
		size_t len = 0;

		if (s[i].proto == IPPROTO_ICMP)
			continue;
		if (s[i].proto == IPPROTO_UDP)
			snprintf(text, sizeof(text), "udp 10.0.0.%u:5000 > 198.51.100.%u:53 'r'",
				host, rem);
		else
			snprintf(text, sizeof(text),
				"tcp 10.0.0.%u:6000 > 198.51.100.9:80 ACK seq=1001 ack=9001 "
				"win=4000 "
				"'data'",
				host);
		assert_int_equal(send_packet(p, SL_INSIDE, text, b, &len), 1);
		assert_memory_equal(b + 12, &s[i].out_addr, 4);
		assert_memory_equal(b + 20, &s[i].out_port, 2);
		if (s[i].proto == IPPROTO_UDP)
			snprintf(text, sizeof(text), "udp 198.51.100.%u:53 > 192.0.2.1:%u 'a'", rem,
				rte_be_to_cpu_16(s[i].out_port));
		else
			snprintf(text, sizeof(text),
				"tcp 198.51.100.9:80 > 192.0.2.1:%u ACK seq=9001 ack=1001 win=5000 "
				"'data'",
				rte_be_to_cpu_16(s[i].out_port));
		assert_int_equal(send_packet(p, SL_OUTSIDE, text, b, &len), 1);
		assert_memory_equal(b + 16, &s[i].in_addr, 4);
		assert_memory_equal(b + 22, &s[i].in_port, 2);
	}
}

#define CONF "max-sessions 4000; limit ports=0 sessions=0 rate=0; inside 10.0.0.1/24"

static void
move(unsigned int from, unsigned int to, bool same_owners)
{
	static struct sl_session before[SESSIONS_MAX], after[SESSIONS_MAX];
	struct pipe *p = make(from, CONF, 11, BASE);
	unsigned int n, made;
	char why[128];

	open_many(p);
	p->now += 1000;
	n = list(p, before);
	assert_int_equal(n, 4 * HOSTS);
	saved_take(p, &saved);
	assert_int_equal(saved.n[SL_SAVED_FLOW] + saved.n[SL_SAVED_TCP], n);
	pipe_destroy(p);

	p = make(to, CONF, 12, 900000);
	if (same_owners && to == from)
		assert_int_equal(sl_owners_set(p->nat, &saved.owners), -EBUSY);
	put_back(p, &saved, 0);
	assert_int_equal(saved_fates[SL_SAVED_BACK], n);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_RESTORED), n);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_NOW), n);
	assert_int_equal(list(p, after), n);
	assert_same_sessions(before, after, n);
	made = (unsigned int)sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_MADE);
	pass_both_ways(p, after, n);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_MADE), made);
	assert_true(pipe_balanced(p, why, sizeof(why)));
	pipe_destroy(p);
}

static void
sessions_survive_in_any_number_of_workers(void **state)
{
	RTE_SET_USED(state);
	for (unsigned int from = 1; from <= 3; from++)
		for (unsigned int to = 1; to <= 3; to++)
			move(from, to, true);
}

/* New sessions get ports that restored ones do not have, and their ports come back in the end. */
static void
restored_ports_are_taken_until_their_mappings_end(void **state)
{
	static struct sl_session s[SESSIONS_MAX];
	struct pipe *p = make(2, CONF "; pool 192.0.2.1 ports=2048-2303", 11, BASE);
	unsigned int n, total = 0;

	RTE_SET_USED(state);
	for (unsigned int h = 2; h < 2 + HOSTS; h++)
		send_from(p, h, "udp 10.0.0.%u:5000 > 198.51.100.9:53 'q'");
	saved_take(p, &saved);
	pipe_destroy(p);
	p = make(3, CONF "; pool 192.0.2.1 ports=2048-2303", 13, BASE);
	put_back(p, &saved, 0);
	assert_int_equal(saved_fates[SL_SAVED_BACK], HOSTS);
	for (unsigned int port = 1; port <= 12; port++)
		for (unsigned int h = 2; h < 2 + HOSTS; h++) {
			char text[160];

			snprintf(text, sizeof(text), "udp 10.0.0.%u:%u > 198.51.100.9:53 'q'", h,
				7000 + port);
			total += send_packet(p, SL_INSIDE, text, NULL, NULL);
		}
	assert_int_equal(total, 256 - HOSTS);
	n = list(p, s);
	assert_int_equal(n, 256);
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int k = 0; k < i; k++)
			assert_int_not_equal(s[i].out_port, s[k].out_port);
	p->now += 1000000;
	for (int i = 0; i < 4000; i++) {
		p->now++;
		pipe_poll(p, 1);
	}
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW), 0);
	pipe_destroy(p);
}

/* ---- pools, forwards, NAT64 ---- */

/* A packet of a session that is there after a restart: "<" comes from outside, "@" turns round. */
struct kept {
	const char *conf;
	const char *packet[8];
	bool same_workers; /* sure with the same number only */
};

static const char *
sides_of(const char *text, enum sl_side *side, enum sl_side *to)
{
	*side = *text == '<' ? SL_OUTSIDE : SL_INSIDE;
	*to = *text == '@' ? *side : SL_ACROSS(*side);
	return text + (*text == '<' || *text == '@');
}

static unsigned int
send_all(struct pipe *p, const struct kept *k, uint8_t out[][256])
{
	unsigned int n = 0;

	for (; n < RTE_DIM(k->packet) && k->packet[n] != NULL; n++) {
		enum sl_side side, to;
		const char *text = sides_of(k->packet[n], &side, &to);
		size_t len = 0;

		memset(out[n], 0, 256);
		if (send_packet_to(p, side, to, text, out[n], &len) != 1)
			fail_msg("%s: %s", k->conf, text);
		memset(out[n] + 4, 0, 2); /* an IPv4 header's id, and its checksum */
		memset(out[n] + 10, 0, 2);
	}
	return n;
}

static void
keep(const struct kept *k, unsigned int from, unsigned int to)
{
	static struct sl_session before[SESSIONS_MAX], after[SESSIONS_MAX];
	static uint8_t then[8][256], now[8][256];
	struct pipe *p = make(from, k->conf, 21, BASE);
	unsigned int n, sent = send_all(p, k, then);
	struct sl_owners owners = sl_owners_get(p->nat);

	n = list(p, before);
	assert_true(n > 0);
	saved_take(p, &saved);
	pipe_destroy(p);
	p = make(to, k->conf, k->same_workers ? 21 : 22, BASE);
	assert_int_equal(sl_owners_get(p->nat).n_workers, to);
	put_back(p, &saved, 0);
	if (saved_fates[SL_SAVED_BACK] != n)
		fail_msg("%s: %u of %u back, %u to %u workers", k->conf,
			(unsigned int)saved_fates[SL_SAVED_BACK], n, from, to);
	assert_int_equal(list(p, after), n);
	assert_int_equal(owners.n_workers, from);
	assert_int_equal(send_all(p, k, now), sent);
	for (unsigned int i = 0; i < sent; i++)
		assert_memory_equal(then[i], now[i], 60);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_MADE), 0);
	pipe_destroy(p);
}

#define H6 "2001:db8:1::2"
#define R6 "64:ff9b::198.51.100.9"

static void
every_kind_of_session_survives(void **state)
{
	static const struct kept kinds[] = {
		{ CONF "; pool 203.0.113.1 block=64 blocks=2",
			{ "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
				"udp 10.0.0.3:5000 > 198.51.100.9:53 'x'",
				"tcp 10.0.0.4:5000 > 198.51.100.9:80 SYN seq=1000 win=4000",
				"udp 10.0.0.5:5002 > 198.51.100.9:53 'x'" },
			false },
		{ CONF "; pool 203.0.113.1-203.0.113.2 fixed=10.0.0.0/24",
			{ "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
				"udp 10.0.0.3:5000 > 198.51.100.9:53 'x'",
				"udp 10.0.0.9:5000 > 198.51.100.9:53 'x'" },
			false },
		{ CONF "; forward udp 192.0.2.1:8080 > 10.0.0.5:80",
			{ "<udp 198.51.100.9:53 > 192.0.2.1:8080 'x'",
				"<udp 198.51.100.8:53 > 192.0.2.1:8080 'x'",
				"udp 10.0.0.5:80 > 198.51.100.9:53 'x'" },
			false },
		{ CONF "; forward udp 192.0.2.1:8080 > 10.0.0.5:80; forward udp 192.0.2.1:8081 > "
		       "10.0.0.5:80",
			{ "<udp 198.51.100.9:53 > 192.0.2.1:8080 'x'",
				"<udp 198.51.100.8:53 > 192.0.2.1:8081 'x'",
				"udp 10.0.0.5:80 > 198.51.100.9:53 'x'",
				"udp 10.0.0.5:80 > 198.51.100.8:53 'x'" },
			false },
		{ CONF "; pool 203.0.113.1 udp=ad",
			{ "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
				"udp 10.0.0.2:5000 > 198.51.100.8:53 'x'" },
			false },
		{ CONF "; pool 203.0.113.1 shared=udp",
			{ "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
				"udp 10.0.0.3:5000 > 198.51.100.8:53 'x'" },
			true },
		{ CONF "; forward udp 192.0.2.1:8080 > 10.0.0.5:80; forward tcp 192.0.2.1:443 > "
		       "10.0.0.6:443",
			{ "@udp 10.0.0.2:5000 > 192.0.2.1:8080 'x'",
				"@udp 10.0.0.3:5000 > 192.0.2.1:8080 'x'",
				"@tcp 10.0.0.4:5000 > 192.0.2.1:443 SYN seq=1000 win=4000" },
			false },
		{ CONF "; other-protocols on",
			{ "ip 10.0.0.2 > 198.51.100.9 proto=50 hex=0011223344556677",
				"ip 10.0.0.3 > 198.51.100.8 proto=50 hex=0011223344556677" },
			false },
		{ CONF "; inside6 2001:db8:1::1/64; nat64 64:ff9b::/96",
			{ "udp6 " H6 "#5000 > " R6 "#53 'x'",
				"udp6 2001:db8:1::3#5000 > " R6 "#53 'x'" },
			false },
	};

	RTE_SET_USED(state);
	for (unsigned int i = 0; i < RTE_DIM(kinds); i++)
		for (unsigned int from = 1; from <= 3; from++)
			for (unsigned int to = 1; to <= 3; to++)
				if (!kinds[i].same_workers || from == to)
					keep(&kinds[i], from, to);
}

/* ---- time ---- */

static void
time_goes_on_while_nothing_runs(void **state)
{
	static struct sl_session before[SESSIONS_MAX], after[SESSIONS_MAX];
	struct pipe *p = make(1, CONF, 11, BASE);
	unsigned int n;

	RTE_SET_USED(state);
	open_many(p);
	n = list(p, before);
	saved_take(p, &saved);
	pipe_destroy(p);
	/* ICMP has a minute, UDP five: at 100 s the one is over and the other has 200 s left. */
	p = make(2, CONF, 12, BASE);
	put_back(p, &saved, 100000);
	assert_int_equal(saved_fates[SL_SAVED_OVER], HOSTS);
	assert_int_equal(saved_fates[SL_SAVED_BACK], n - HOSTS);
	assert_int_equal(list(p, after), n - HOSTS);
	for (unsigned int i = 0; i < n - HOSTS; i++)
		if (after[i].proto == IPPROTO_UDP)
			assert_int_equal(after[i].left, 200000);
	pipe_destroy(p);
}

/* ---- what does not fit any more ---- */

static void
left_out(const char *conf, const char *then, enum sl_saved_fate fate, unsigned int n_fate)
{
	struct pipe *p = make(2, conf, 11, BASE);

	for (unsigned int h = 2; h < 2 + HOSTS; h++)
		send_from(p, h, "udp 10.0.0.%u:5000 > 198.51.100.9:53 'q'");
	saved_take(p, &saved);
	pipe_destroy(p);
	p = make(2, then, 12, BASE);
	put_back(p, &saved, 0);
	assert_int_equal(saved_fates[fate], n_fate);
	assert_int_equal(saved_fates[SL_SAVED_BACK], HOSTS - n_fate);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_NOW), HOSTS - n_fate);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW), HOSTS - n_fate);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SUBSCRIBERS_NOW), HOSTS - n_fate);
	pipe_destroy(p);
}

static void
what_the_configuration_refuses_is_left_out(void **state)
{
	RTE_SET_USED(state);
	left_out(CONF "; pool 192.0.2.9", CONF "; pool 192.0.2.10", SL_SAVED_NO_ADDRESS, HOSTS);
	left_out(CONF "; pool 192.0.2.9 ports=2048-4095", CONF "; pool 192.0.2.9 ports=5000-6000",
		SL_SAVED_NO_PORT, HOSTS);
}

static void
a_lowered_limit_holds(void **state)
{
	struct pipe *p = make(2, CONF, 11, BASE);

	RTE_SET_USED(state);
	open_many(p); /* four sessions, of which two are of one mapping of UDP */
	saved_take(p, &saved);
	pipe_destroy(p);
	p = make(1, CONF "; limit ports=0 sessions=3 rate=0", 12, BASE);
	put_back(p, &saved, 0);
	assert_int_equal(saved_fates[SL_SAVED_LIMIT], HOSTS);
	assert_int_equal(saved_fates[SL_SAVED_BACK], 3 * HOSTS);
	pipe_destroy(p);
	p = make(3, CONF "; limit ports=0 sessions=0 rate=0 mapping=1", 12, BASE);
	put_back(p, &saved, 0);
	assert_int_equal(saved_fates[SL_SAVED_LIMIT], HOSTS);
	pipe_destroy(p);
}

static void
nobody_knows_the_tenant_any_more(void **state)
{
	struct sl_saved_names names = saved_names();
	const int gone[] = { -1 };
	struct pipe *p = make(1, CONF, 11, BASE);

	RTE_SET_USED(state);
	send_from(p, 2, "udp 10.0.0.%u:5000 > 198.51.100.9:53 'q'");
	saved_take(p, &saved);
	pipe_destroy(p);
	p = make(1, CONF, 12, BASE);
	names.tenant = gone;
	names.n_tenants = 1;
	saved_put(p, &saved, 0, names);
	assert_int_equal(saved_fates[SL_SAVED_NO_TENANT], 1);
	names.n_tenants = 0;
	saved_put(p, &saved, 0, names);
	assert_int_equal(saved_fates[SL_SAVED_NO_TENANT], 1);
	pipe_destroy(p);
}

static void
a_record_put_back_twice_is_left_out_once(void **state)
{
	struct pipe *p = make(2, CONF, 11, BASE);
	unsigned int n;

	RTE_SET_USED(state);
	open_many(p);
	saved_take(p, &saved);
	n = saved.n[SL_SAVED_FLOW] + saved.n[SL_SAVED_TCP];
	pipe_destroy(p);
	p = make(2, CONF, 12, BASE);
	put_back(p, &saved, 0);
	put_back(p, &saved, 0);
	assert_int_equal(saved_fates[SL_SAVED_CLASH], n);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_NOW), n);
	pipe_destroy(p);
}

/* ---- records of an enemy ---- */

static void
any_bytes_do_no_harm(void **state)
{
	uint64_t random = 99;
	struct pipe *p = make(2, CONF, 11, BASE);

	RTE_SET_USED(state);
	open_many(p);
	saved_take(p, &saved);
	pipe_destroy(p);
	p = make(3, CONF, 12, BASE);
	for (unsigned int round = 0; round < 200; round++) {
		for (unsigned int kind = 0; kind < SL_SAVED_KINDS; kind++) {
			size_t len = RTE_MAX(saved.n[kind], 4u) *
				     sl_saved_size((enum sl_saved_kind)kind);

			saved.n[kind] = RTE_MAX(saved.n[kind], 4u);
			for (unsigned int i = 0; i < 40; i++) {
				random = random * 6364136223846793005u + 1442695040888963407u;
				((uint8_t *)saved.record[kind])[(random >> 20) % len] =
					(uint8_t)(random >> 56);
			}
		}
		put_back(p, &saved, random >> 50);
		p->now += 10;
		pipe_settle(p);
	}
	p->now += 100000000;
	for (int i = 0; i < 3000; i++) {
		p->now++;
		pipe_poll(p, 1);
	}
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_NOW), 0);
	pipe_destroy(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_survive_in_any_number_of_workers),
		cmocka_unit_test(restored_ports_are_taken_until_their_mappings_end),
		cmocka_unit_test(every_kind_of_session_survives),
		cmocka_unit_test(time_goes_on_while_nothing_runs),
		cmocka_unit_test(what_the_configuration_refuses_is_left_out),
		cmocka_unit_test(a_lowered_limit_holds),
		cmocka_unit_test(nobody_knows_the_tenant_any_more),
		cmocka_unit_test(a_record_put_back_twice_is_left_out_once),
		cmocka_unit_test(any_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
