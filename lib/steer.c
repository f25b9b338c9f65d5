/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Who owns what, so that a NIC brings each packet to its owner.
 *
 * A subscriber belongs to one worker by its address, an outside port by its number. Without
 * a NIC that steers, the address is hashed (state.h) and ports go round in pairs. With one,
 * the owner is the queue that the NIC's RSS chooses: the Toeplitz hash of the packet, its
 * low bits an index into the indirection table (RETA), queue i being worker i's. Then no
 * TCP or UDP packet needs a hand-off, whichever way it goes.
 *
 * Key. What a NIC hashes is the tuple source, destination, source port, destination port,
 * 96 bits in this order; on this input all of them agree, and none has to be able to leave
 * fields out. The hash is linear: bit i of the tuple, when set, adds 32 bits of the key,
 * those from bit i on, and of these only the last k count, for 2^k entries: bits i + 32 - k
 * to i + 31 of the key. A field does not matter when its stretch of the key is zero; the
 * stretches of neighbours overlap by k - 1 bits:
 *
 *   inside   bits 0..62-k random, bit 63-k set, the rest 0: the source address alone counts.
 *            The k low bits of addresses reach each entry once, the others shift at random.
 *   outside  bit 111 set, the rest 0: the k high bits of the destination port count, one
 *            entry each. So all ports of a run of 2^(16-k) share an owner, and with them
 *            even and odd neighbours, and blocks. Nothing is secret here: who sends to a
 *            port of his choice loads its worker, whatever the hash.
 *
 * The hash is linear for an attacker, too, but 31 bits of the inside key are random, and
 * nobody can see from outside what they do; only spreading depends on them, no table.
 *
 * RETA. Entries are dealt in the order of addresses and of runs: each n neighbours to n
 * workers, and where n is even the next n begin elsewhere, so that every second or fourth
 * address is spread as well. A pool whose blocks are larger than a run gets longer runs.
 *
 * What else a NIC receives goes to any queue and from there to its owner by hand-off: ICMP
 * and fragments from outside, forwards and deterministic NAT (the owner of the subscriber
 * owns the port there), blocks larger than a run, other protocols. So do hairpins.
 */
#include <errno.h>
#include <string.h>

#include <rte_common.h>
#include <rte_malloc.h>

#include "state.h"
#include "steer.h"

#define DPORT 80 /* first bit of the destination port in the tuple */
#define RETA_MAX 32768 /* a pair of ports has one owner */

/* The 32 bits of the key from this one on. */
static uint32_t
key_from(const uint8_t *key, unsigned int bit)
{
	uint64_t bits = 0;

	for (unsigned int i = 0; i < 5; i++)
		bits = bits << 8 | key[bit / 8 + i];
	return (uint32_t)(bits >> (8 - bit % 8));
}

static uint32_t
toeplitz(const uint8_t *key, unsigned int first, uint32_t value, unsigned int bits)
{
	uint32_t h = 0;

	for (unsigned int i = 0; i < bits; i++)
		if (value >> (bits - 1 - i) & 1)
			h ^= key_from(key, first + i);
	return h;
}

/* Hash of an inside address or an outside port (host order), the rest of the tuple being 0. */
static uint32_t
hash(enum sl_side side, const uint8_t *key, uint32_t value)
{
	return side == SL_INSIDE ? toeplitz(key, 0, value, 32) : toeplitz(key, DPORT, value, 16);
}

static bool
reta_fits(uint32_t size, unsigned int n_workers)
{
	return rte_is_power_of_2(size) && size <= RETA_MAX && size >= 4 * n_workers;
}

static void
set_bit(uint8_t *key, unsigned int bit)
{
	key[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

int
sl_steering_key(
	enum sl_side side, uint32_t reta_size, uint64_t random, uint8_t *key, size_t key_len)
{
	unsigned int last;

	if (!reta_fits(reta_size, 1) || key_len < SL_STEERING_KEY_MIN)
		return -EINVAL;
	memset(key, 0, key_len);
	if (side == SL_OUTSIDE) {
		set_bit(key, DPORT + 31);
		return 0;
	}
	last = 63 - rte_log2_u32(reta_size);
	for (unsigned int i = 0; i < last; i++)
		if (random >> i & 1)
			set_bit(key, i);
	set_bit(key, last);
	return 0;
}

/* The worker that comes at turn i: in order, each n of them beginning by a digit sum later. */
static uint16_t
turn(uint32_t i, unsigned int n)
{
	uint32_t base = n & -n, later = 0; /* the power of two in n */

	for (uint32_t q = i / n; base > 1 && q > 0; q /= base)
		later += q % base;
	return (uint16_t)((i + later) % n);
}

int
sl_steering_reta(enum sl_side side, const uint8_t *key, unsigned int n_workers, uint32_t block,
	uint16_t *reta, uint32_t reta_size)
{
	unsigned int low, longer = 0;

	if (n_workers == 0 || n_workers > SL_WORKERS_MAX || !reta_fits(reta_size, n_workers))
		return -EINVAL;
	low = side == SL_INSIDE ? 0 : 16 - rte_log2_u32(reta_size);
	if (side == SL_OUTSIDE)
		while (1u << (low + longer) < block && reta_size >> (longer + 1) >= 4 * n_workers)
			longer++;
	for (uint32_t i = 0; i < reta_size; i++)
		reta[hash(side, key, i << low) & (reta_size - 1)] = turn(i >> longer, n_workers);
	return 0;
}

static uint8_t
queue_of(enum sl_side side, const struct sl_steering *s, uint32_t value)
{
	return (uint8_t)s->reta[hash(side, s->key, value) & (s->reta_size - 1)];
}

static bool
valid(enum sl_side side, const struct sl_steering *s, unsigned int n_workers)
{
	if (s->key == NULL)
		return true;
	if (s->reta == NULL || !rte_is_power_of_2(s->reta_size) || s->reta_size > RETA_MAX)
		return false;
	for (uint32_t i = 0; i < s->reta_size; i++)
		if (s->reta[i] >= n_workers)
			return false;
	if (side == SL_INSIDE)
		return true;
	for (uint32_t port = 0; port < 65536; port += 2)
		if (queue_of(side, s, port) != queue_of(side, s, port + 1))
			return false;
	return true;
}

bool
sl_steer_valid(const struct sl_params *params)
{
	return valid(SL_INSIDE, &params->steering[SL_INSIDE], params->n_workers) &&
	       valid(SL_OUTSIDE, &params->steering[SL_OUTSIDE], params->n_workers);
}

/* The owner of all ports lo..hi when it is one, else -1. */
static int
common_owner(const struct sl_nat *nat, uint32_t lo, uint32_t hi)
{
	uint8_t first = nat->owner[(65536 + lo) >> 1];

	for (uint32_t port = lo + 2; port <= hi; port += 2)
		if (nat->owner[(65536 + port) >> 1] != first)
			return -1;
	return first;
}

static void
share_ports(struct sl_nat *nat, const struct sl_steering *s)
{
	for (uint32_t pair = 0; pair < 32768; pair++)
		nat->owner[32768 + pair] = s->key != NULL ? queue_of(SL_OUTSIDE, s, pair << 1)
							  : (uint8_t)(pair % nat->n_workers);
	/* Blocks: to whom their ports go, or in turn where these go to several. */
	for (unsigned int shift = 2; shift <= 16; shift++) {
		for (uint32_t b = 0; b < 65536u >> shift; b++) {
			uint32_t lo = b << shift;
			int one =
				s->key != NULL ? common_owner(nat, lo, lo + (1u << shift) - 1) : -1;

			nat->owner[(65536 + lo) >> shift] =
				one >= 0 ? (uint8_t)one : (uint8_t)(b % nat->n_workers);
		}
	}
}

static struct sl_spread *
make_spread(const struct sl_steering *s)
{
	struct sl_spread *spread =
		rte_zmalloc("sluice steering", sizeof(*spread) + s->reta_size, RTE_CACHE_LINE_SIZE);

	if (spread == NULL)
		return NULL;
	for (unsigned int i = 0; i < 4; i++)
		for (uint32_t v = 0; v < 256; v++)
			spread->part[i][v] = (uint16_t)(hash(SL_INSIDE, s->key, v << (24 - 8 * i)) &
							(s->reta_size - 1));
	for (uint32_t i = 0; i < s->reta_size; i++)
		spread->owner[i] = (uint8_t)s->reta[i];
	return spread;
}

int
sl_steer_init(struct sl_nat *nat, const struct sl_params *params)
{
	share_ports(nat, &params->steering[SL_OUTSIDE]);
	if (params->steering[SL_INSIDE].key == NULL)
		return 0;
	nat->spread = make_spread(&params->steering[SL_INSIDE]);
	return nat->spread != NULL ? 0 : -ENOMEM;
}

void
sl_steer_fini(struct sl_nat *nat)
{
	rte_free(nat->spread);
}
