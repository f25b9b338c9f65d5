/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Keys that somebody made up so that they collide. CRC is linear: with a little algebra 65,536
 * tuples are found that have one and the same CRC under every seed; of jhash without a secret
 * as many are found by trying. Tables that outsiders feed must not notice: a look-up of such
 * keys costs as much as one of random keys, chains are as short, and fragments of others still
 * find their first one.
 *
 * Costs are measured in turns in one process, and the lowest of each is taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_cycles.h>
#include <rte_hash_crc.h>
#include <rte_jhash.h>

#include "csum.h"
#include "flow.h"
#include "fragcut.h"
#include "host.h"
#include "map.h"
#include "sub.h"

#define KEYS 10000
#define ROUNDS 41
#define HEADS 16384
#define CHAIN_MOST 9 /* of 10,000 keys over 16,384 heads; more has a chance of 1 in 10^5 */
#define FRAGMENTS 1000
#define IP_FRAG_SEED 0xeaad8405 /* of rte_ip_frag in DPDK 22.11 */

static const struct sl_seed seed = { { 0x8f3a1c5be9d72461, 0x2b7e151628aed2a7, 0xd1310ba698dfb5ad,
	0x452821e638d01377 } };

static uint64_t
draw(void)
{
	static uint64_t state = 0xa77ac4;
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* ---- keys ---- */

/* An endpoint of a remote host, as the attacker may choose it. */
struct end {
	uint32_t addr, port; /* 16 bits of the port are used */
};

static void
flow_fill(struct sl_flow *f, const struct end *e)
{
	f->in_addr = RTE_BE32(0x0a000002);
	f->out_addr = RTE_BE32(0xc0000201);
	f->rem_addr = e->addr;
	f->in_port = RTE_BE16(1000);
	f->out_port = RTE_BE16(2000);
	f->rem_port = (rte_be16_t)e->port;
	f->proto = 17;
	f->flags = SL_FLOW_OWN_PORT;
}

static struct end
end_of(uint64_t bits)
{
	return (struct end){ (uint32_t)bits, (uint32_t)(bits >> 32) };
}

/* The words that a table hashes. */
typedef void layout_fn(uint64_t bits, uint64_t word[2]);

static void
flow_layout(uint64_t bits, uint64_t word[2])
{
	const struct end e = end_of(bits);
	struct sl_flow f = { 0 };
	struct sl_key key;

	flow_fill(&f, &e);
	sl_flow_key(&f, SL_INSIDE, &key);
	memcpy(word, &key, sizeof(key));
}

static void
map_layout(uint64_t bits, uint64_t word[2])
{
	word[0] = (uint32_t)bits;
	word[1] = 17 << 16 | bits >> 32;
}

static uint32_t
crc_of(layout_fn *layout, uint64_t bits, uint32_t init)
{
	uint64_t word[2];

	layout(bits, word);
	return rte_hash_crc_8byte(word[1], rte_hash_crc_8byte(word[0], init));
}

/*
 * Differences of 48 bits that CRC does not see: the kernel of a linear map into 32 bits, by
 * elimination. There are at least 16.
 */
static unsigned int
crc_kernel(layout_fn *layout, uint64_t kernel[48])
{
	uint64_t from[48], pivot_from[32];
	uint32_t to[48], pivot[32] = { 0 };
	unsigned int n = 0;

	for (unsigned int i = 0; i < 48; i++) {
		from[i] = (uint64_t)1 << i;
		to[i] = crc_of(layout, from[i], 0) ^ crc_of(layout, 0, 0);
		for (unsigned int b = 0; b < 32; b++) {
			if (!(to[i] >> b & 1))
				continue;
			if (pivot[b] == 0) {
				pivot[b] = to[i];
				pivot_from[b] = from[i];
				break;
			}
			to[i] ^= pivot[b];
			from[i] ^= pivot_from[b];
		}
		if (to[i] == 0)
			kernel[n++] = from[i];
	}
	return n;
}

static void
crc_set(layout_fn *layout, struct end set[KEYS])
{
	uint64_t kernel[48], base = draw() & 0xffffffffffff;
	unsigned int n = crc_kernel(layout, kernel);

	assert_true(n >= 14);
	for (uint32_t i = 0; i < KEYS; i++) {
		uint64_t bits = base;

		for (unsigned int b = 0; b < n && b < 32; b++)
			if (i >> b & 1)
				bits ^= kernel[b];
		set[i] = end_of(bits);
		/* whatever the seed: that is what linear means */
		assert_int_equal(crc_of(layout, bits, 0), crc_of(layout, base, 0));
		assert_int_equal(
			crc_of(layout, bits, 0x12345678), crc_of(layout, base, 0x12345678));
	}
}

static void
crc_flow_set(struct end set[KEYS])
{
	crc_set(flow_layout, set);
}

static void
crc_map_set(struct end set[KEYS])
{
	crc_set(map_layout, set);
}

static void
jhash_set(struct end set[KEYS])
{
	for (uint32_t i = 0; i < KEYS;) {
		set[i] = end_of(draw() & 0xffffffffffff);
		if ((rte_jhash_2words(set[i].addr, set[i].port, 0) & 511) == 77)
			i++;
	}
}

static void
random_set(struct end set[KEYS])
{
	for (uint32_t i = 0; i < KEYS; i++)
		set[i] = end_of(draw() & 0xffffffffffff);
}

/* One address after the other: the least that a good hash must bear. */
static void
neat_set(struct end set[KEYS])
{
	for (uint32_t i = 0; i < KEYS; i++)
		set[i] = (struct end){ rte_cpu_to_be_32(0x0a000000 + i * 256), 0x3500 };
}

/* ---- tables ---- */

struct tables {
	struct sl_flows flows;
	struct sl_maps maps;
	struct sl_subs subs;
	const struct end *set;
};

static void
tables_fill(struct tables *t, const char *name, const struct end *set)
{
	memset(t, 0, sizeof(*t));
	t->set = set;
	assert_int_equal(sl_flows_init(&t->flows, name, KEYS, KEYS, SOCKET_ID_ANY, &seed), 0);
	assert_int_equal(sl_maps_init(&t->maps, KEYS, SOCKET_ID_ANY, &seed), 0);
	assert_int_equal(sl_subs_init(&t->subs, KEYS, SOCKET_ID_ANY, &seed), 0);
	for (uint32_t i = 0; i < KEYS; i++) {
		struct sl_flow *f = sl_flow_get(&t->flows);

		assert_non_null(f);
		flow_fill(f, &set[i]);
		assert_int_equal(sl_flow_add(&t->flows, f), 0);
		assert_non_null(sl_map_add(&t->maps, 0, 17, set[i].addr, (rte_be16_t)set[i].port,
			set[i].addr, (rte_be16_t)set[i].port));
		sl_sub_get(&t->subs, 0, set[i].addr, 0);
	}
}

static void
tables_free(struct tables *t)
{
	sl_flows_fini(&t->flows);
	sl_maps_fini(&t->maps);
	sl_subs_fini(&t->subs);
}

static void
find_by_front(struct tables *t)
{
	struct sl_flow want = { 0 };
	struct sl_key key;

	for (uint32_t i = 0; i < KEYS; i++) {
		flow_fill(&want, &t->set[i]);
		for (int side = 0; side < 2; side++) {
			sl_flow_key(&want, (enum sl_side)side, &key);
			if (sl_flow_find(&t->flows, &key) == NULL)
				fail_msg("flow %u is not found", i);
		}
	}
}

/* The front forgets all but a few: what remains is rte_hash. */
static void
find_by_record(struct tables *t)
{
	uint32_t n = t->flows.front.n;

	t->flows.front.n = 1;
	t->flows.forgotten = UINT32_MAX / 2; /* or nobody would ask the record */
	find_by_front(t);
	t->flows.front.n = n;
}

static void
find_mapping(struct tables *t)
{
	for (uint32_t i = 0; i < KEYS; i++) {
		const struct end *e = &t->set[i];

		if (sl_map_find_in(&t->maps, 0, 17, e->addr, (rte_be16_t)e->port) == NULL ||
			sl_map_find_out(&t->maps, 17, e->addr, (rte_be16_t)e->port) == NULL)
			fail_msg("mapping %u is not found", i);
	}
}

static void
find_subscriber(struct tables *t)
{
	for (uint32_t i = 0; i < KEYS; i++)
		if (!sl_sub_exists(&t->subs, 0, t->set[i].addr))
			fail_msg("subscriber %u is not found", i);
}

static uint64_t
cost(void (*find)(struct tables *t), struct tables *t)
{
	uint64_t began = rte_rdtsc();

	find(t);
	return rte_rdtsc() - began;
}

/* Made-up keys may cost half as much again as random ones. */
static void
compare(const char *what, struct tables *evil, struct tables *plain)
{
	static const struct {
		const char *name;
		void (*find)(struct tables *t);
	} by[] = { { "front", find_by_front }, { "record", find_by_record },
		{ "mapping", find_mapping }, { "subscriber", find_subscriber } };

	for (unsigned int k = 0; k < RTE_DIM(by); k++) {
		uint64_t a = UINT64_MAX, b = UINT64_MAX;

		for (unsigned int round = 0; round < ROUNDS; round++) {
			a = RTE_MIN(a, cost(by[k].find, evil));
			b = RTE_MIN(b, cost(by[k].find, plain));
		}
		print_message("note: %s keys, %s: %.2f of random ones\n", what, by[k].name,
			(double)a / (double)b);
		if (a * 2 > b * 3)
			fail_msg("%s keys, %s: %lu against %lu cycles", what, by[k].name, a, b);
	}
}

static void
made_up_keys_cost_as_much_as_random_ones(void **state)
{
	static const struct {
		const char *name;
		void (*make)(struct end set[KEYS]);
	} sets[] = { { "CRC of flows", crc_flow_set }, { "CRC of mappings", crc_map_set },
		{ "jhash", jhash_set }, { "neat", neat_set } };
	static struct end plain_set[KEYS], evil_set[KEYS];
	static struct tables plain, evil;

	(void)state;
	random_set(plain_set);
	tables_fill(&plain, "plain", plain_set);
	for (unsigned int i = 0; i < RTE_DIM(sets); i++) {
		sets[i].make(evil_set);
		tables_fill(&evil, "evil", evil_set);
		compare(sets[i].name, &evil, &plain);
		tables_free(&evil);
	}
	tables_free(&plain);
}

/* ---- the hash ---- */

static uint32_t
hash_pair(uint64_t a, uint64_t b)
{
	return sl_hash128(a, b, &seed);
}

static uint32_t
crc_pair(uint64_t a, uint64_t b)
{
	return rte_hash_crc_8byte(b, rte_hash_crc_8byte(a, 0x5eed));
}

/* Of a linear map the values of a, b, c and a ^ b ^ c cancel out, always. */
static unsigned int
cancelled(uint32_t (*hash)(uint64_t a, uint64_t b))
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < 10000; i++) {
		uint64_t a[2] = { draw(), draw() }, b[2] = { draw(), draw() },
			 c[2] = { draw(), draw() };

		n += ((hash(a[0], a[1]) ^ hash(b[0], b[1]) ^ hash(c[0], c[1]) ^
			      hash(a[0] ^ b[0] ^ c[0], a[1] ^ b[1] ^ c[1])) &
			     0xff) == 0;
	}
	return n;
}

static void
hash_is_not_linear(void **state)
{
	(void)state;
	assert_int_equal(cancelled(crc_pair), 10000);
	assert_in_range(cancelled(hash_pair), 10, 80); /* 39 by chance */
}

/* What collides under one seed does not under another. */
static void
collisions_do_not_outlive_the_seed(void **state)
{
	struct sl_seed other = { { draw(), draw(), draw(), draw() } };
	unsigned int n = 0, same = 0;
	uint32_t first = 0;

	(void)state;
	for (uint64_t i = 0; n < 1000; i++) {
		if ((sl_hash128(i, i >> 7, &seed) & 0x3ff) != 5)
			continue;
		if (n++ == 0)
			first = sl_hash128(i, i >> 7, &other) & 0x3ff;
		else
			same += (sl_hash128(i, i >> 7, &other) & 0x3ff) == first;
	}
	assert_in_range(same, 0, 12); /* one by chance */
}

/* The keys of IPv6 hosts, whose table has the same number of heads. */
static void
chains_of_made_up_hosts_are_short(void **state)
{
	static struct end set[KEYS];
	static uint16_t chain[HEADS];
	unsigned int most = 0;

	(void)state;
	crc_set(map_layout, set);
	for (unsigned int at = 0; at < 16; at += 8) {
		memset(chain, 0, sizeof(chain));
		for (uint32_t i = 0; i < KEYS; i++) {
			uint8_t addr[16] = { 0x20, 1, 0xd, 0xb8 };

			memcpy(addr + at, &set[i], sizeof(set[i]));
			most = RTE_MAX(most, ++chain[sl_host_hash(&seed, 0, 0, addr) % HEADS]);
		}
	}
	assert_in_range(most, 1, CHAIN_MOST);
}

/* ---- fragments ---- */

static uint32_t
ip_frag_hash(uint32_t src, uint32_t dst, uint16_t id)
{
	uint32_t v = rte_hash_crc_4byte(src, IP_FRAG_SEED);

	return rte_hash_crc_4byte(id, rte_hash_crc_4byte(dst, v));
}

static void
piece_from(struct pipe *p, const struct pt_frame *whole, const struct piece *piece, uint32_t src,
	uint16_t id)
{
	static struct pt_frame f;

	frag_cut(whole, piece, id, &f);
	memcpy(f.b + 14 + 12, &src, sizeof(src));
	frag_put16(f.b + 14 + 10, 0);
	frag_put16(f.b + 14 + 10, csum_ip4(f.b + 14));
	frag_receive(p, SL_OUTSIDE, &f);
}

/*
 * Later pieces whose ids and sources would all lie in one bucket of rte_ip_frag's table, which
 * has room for a few and refuses all others then; and datagrams of others, of which a half lies
 * in that bucket as well.
 */
static void
colliding_fragments_refuse_no_other(void **state)
{
	static const struct piece last = { 48, 29, false, false }, first = { 0, 48, true, false };
	static struct way way[WAYS];
	struct pipe *p = pipe_create(1, FRAG_CONF, 5, 1000);
	uint32_t dst = conf_addr("192.0.2.1"), want, n = 0, right = 0;
	const struct way *in = NULL;

	(void)state;
	frag_ways(p, way);
	for (unsigned int i = 0; i < WAYS && in == NULL; i++)
		if (way[i].in == SL_OUTSIDE && way[i].whole.b[14 + 9] == 17)
			in = &way[i];
	assert_non_null(in);
	want = ip_frag_hash(conf_addr("198.51.100.9"), dst, 1) & 1023;
	while (n < FRAGMENTS) {
		uint32_t src = rte_cpu_to_be_32(0xc6120000 + (uint32_t)(draw() & 0x1ffff));
		uint16_t id = (uint16_t)draw();

		if ((ip_frag_hash(src, dst, rte_cpu_to_be_16(id)) & 1023) != want)
			continue;
		piece_from(p, &in->whole, &last, src, id);
		n++;
	}
	pipe_settle(p);
	assert_int_equal(p->n_got, 0);
	for (n = 0; n < FRAGMENTS; n++) {
		uint16_t id = (uint16_t)(2000 + n);
		uint32_t src = conf_addr("198.51.100.9");

		if (n % 2)
			while ((ip_frag_hash(src, dst, rte_cpu_to_be_16(id)) & 1023) != want)
				id = (uint16_t)draw();
		piece_from(p, &in->whole, &last, src, id);
		piece_from(p, &in->whole, &first, src, id);
		pipe_settle(p);
		right += p->n_got == 2;
		pipe_discard(p);
	}
	assert_int_equal(right, FRAGMENTS);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_is_not_linear),
		cmocka_unit_test(collisions_do_not_outlive_the_seed),
		cmocka_unit_test(made_up_keys_cost_as_much_as_random_ones),
		cmocka_unit_test(chains_of_made_up_hosts_are_short),
		cmocka_unit_test(colliding_fragments_refuse_no_other),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
