/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The sessions of one worker: an array of flows, one cache line each, and two ways to find
 * one by a packet's key.
 *
 * The front (front.h) answers nearly always: it leads from the key's hash to a flow's
 * number, and the flow's line holds the tuple to compare. It has room for one and a half
 * times what can be live; where it has none all the same it forgets an entry, and `forgotten`
 * counts how many directions of flows it does not know, so that as long as it is zero, which is
 * nearly always, a miss is a miss. Whatever is found elsewhere is put back.
 *
 * The record is an rte_hash, complete at all times. Its keys are single words, half the
 * memory of a tuple, compared by a function that follows them:
 *	flow | side	an entry: the tuple that packets of that side carry
 *	key | 3		a question: the address of a struct sl_key
 *	contact | 2	remote address and mapping of an address-dependent filter
 *	flow | 4 | side	the tuple of a call's packet that an error from that side quotes
 * Every flow has the entry of its inside tuple. One of a mapping's port is found from outside
 * by that mapping, which names the inside endpoint; only a flow with an outside port of its
 * own needs the second entry.
 *
 * Only the worker that owns the shard touches any of it, so the hash needs no concurrency
 * flags; it hashes with a keyed mix (hash.h) that the caller computes.
 *
 * Flows are handed out last in, first out, so that the used ones stay close together and
 * the ageing sweep has little to walk. A flow that was got is in no table until
 * sl_flow_add(); sl_flow_put() takes it out under whatever keys it has.
 */
#include <errno.h>

#include <rte_malloc.h>
#include <rte_prefetch.h>

#include "contact.h"
#include "flow.h"

#define TAG 15
#define TAG_CONTACT SL_CONTACT_TAG
#define TAG_QUESTION 3
#define TAG_QUOTE 4 /* and a side */

static uint32_t
hash_unused(const void *key, uint32_t len, uint32_t init)
{
	/* Every call below brings its own hash. rte_hash wants a function all the same. */
	const uint64_t *k = key;

	return (uint32_t)(*k ^ len ^ init);
}

static uint64_t
entry_word(const struct sl_flow *f, enum sl_side side)
{
	return (uint64_t)(uintptr_t)f | (uint64_t)side;
}

static uint64_t
question_word(const struct sl_key *key)
{
	return (uint64_t)(uintptr_t)key | TAG_QUESTION;
}

/* What is quoted to the outside's end went out, with the remote end's id; and the other way round. */
static void
quote_key(const struct sl_flow *f, enum sl_side side, struct sl_key *key)
{
	sl_flow_key(f, side, key);
	if (side == SL_INSIDE)
		key->sport = f->delta_l4;
	else
		key->dport = f->in_port;
	key->zero = 1;
}

static void
word_key(uint64_t word, struct sl_key *key)
{
	uintptr_t at = (uintptr_t)(word & ~(uint64_t)TAG);

	if ((word & TAG) == TAG_QUESTION)
		*key = *(const struct sl_key *)at;
	else if (word & TAG_QUOTE)
		quote_key((const struct sl_flow *)at, (enum sl_side)(word & 1), key);
	else
		sl_flow_key((const struct sl_flow *)at, (enum sl_side)(word & TAG), key);
}

static int
compare_words(const void *a, const void *b, size_t len)
{
	uint64_t x, y;
	struct sl_key kx, ky;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	/* rte_hash may ask about its dummy slot, which is zero. */
	if (x == y || x == 0 || y == 0 || (x & TAG) == TAG_CONTACT || (y & TAG) == TAG_CONTACT)
		return x != y;
	word_key(x, &kx);
	word_key(y, &ky);
	(void)len;
	return memcmp(&kx, &ky, sizeof(kx));
}

int
sl_flows_init(struct sl_flows *t, const char *name, uint32_t max, uint32_t own, int socket,
	const struct sl_seed *seed)
{
	struct rte_hash_parameters p = {
		.name = name,
		/* A bucket may be full before the table is: leave room. */
		.entries = max + own + max / 32 + 64,
		.key_len = sizeof(uint64_t),
		.hash_func = hash_unused,
		.socket_id = socket,
	};

	t->max = max;
	t->seed = *seed;
	/* two entries for each flow, 72 ways of a hundred in use */
	t->front.n = RTE_ALIGN_CEIL(max / 18 * 5 + 16, SL_FRONT_GROUP);
	t->hash = rte_hash_create(&p);
	t->front.bucket = rte_zmalloc_socket(
		"sluice front", sizeof(*t->front.bucket) * t->front.n, RTE_CACHE_LINE_SIZE, socket);
	t->flow = rte_zmalloc_socket(
		"sluice flows", sizeof(*t->flow) * max, RTE_CACHE_LINE_SIZE, socket);
	t->tcp = rte_zmalloc_socket(
		"sluice tcp", sizeof(*t->tcp) * max, RTE_CACHE_LINE_SIZE, socket);
	t->link = rte_zmalloc_socket(
		"sluice links", sizeof(*t->link) * max, RTE_CACHE_LINE_SIZE, socket);
	if (t->hash == NULL || t->front.bucket == NULL || t->flow == NULL || t->tcp == NULL ||
		t->link == NULL) {
		sl_flows_fini(t);
		return -ENOMEM;
	}
	rte_hash_set_cmp_func(t->hash, compare_words);
	t->free = SL_NONE;
	t->n_free = max;
	return 0;
}

void
sl_flows_fini(struct sl_flows *t)
{
	rte_hash_free(t->hash);
	rte_free(t->front.bucket);
	rte_free(t->flow);
	rte_free(t->tcp);
	rte_free(t->link);
	t->hash = NULL;
	t->front.bucket = NULL;
	t->flow = NULL;
	t->tcp = NULL;
	t->link = NULL;
}

struct sl_flow *
sl_flow_guess_far(const struct sl_flows *t, uint32_t hash)
{
	uint32_t far = 0, mask = 0, ref;

	return sl_front_next(&t->front, hash, &far, &mask, &ref) ? &t->flow[ref] : NULL;
}

void
sl_flow_settle_late(struct sl_flows *t)
{
	for (uint32_t i = 0; i < t->n_late; i++)
		t->forgotten += !sl_front_add(&t->front, t->late[i].hash, t->late[i].ref);
	t->n_late = 0;
}

static struct sl_flow *
front_find(struct sl_flows *t, const struct sl_key *key, uint32_t hash)
{
	uint32_t mask, far = 0, ref;

	if (key->side == SL_OUTSIDE)
		sl_flow_settle(t);
	mask = sl_front_match(sl_front_bucket(&t->front, hash), sl_front_sig(hash));
	while (sl_front_next(&t->front, hash, &far, &mask, &ref))
		if (sl_flow_is(&t->flow[ref], key))
			return &t->flow[ref];
	return NULL;
}

static void
remember(struct sl_flows *t, uint32_t hash, const struct sl_flow *f)
{
	if (sl_front_add(&t->front, hash, sl_flow_index(t, f)))
		t->forgotten--;
}

void
sl_flow_remember(struct sl_flows *t, const struct sl_key *key, const struct sl_flow *f)
{
	remember(t, sl_flow_hash(t, key), f);
}

struct sl_flow *
sl_flow_find(struct sl_flows *t, const struct sl_key *key)
{
	uint32_t hash = sl_flow_hash(t, key);
	struct sl_flow *f = front_find(t, key, hash);
	uint64_t word = question_word(key);
	void *data;

	if (f != NULL || t->forgotten == 0 ||
		rte_hash_lookup_with_hash_data(t->hash, &word, hash, &data) < 0)
		return f;
	/* Back to the front: it is in use, which whatever has to go for it may not be. */
	f = data;
	remember(t, hash, f);
	return f;
}

static void
fetch_free(const struct sl_flows *t)
{
	if (t->free != SL_NONE) {
		rte_prefetch0(&t->flow[t->free]);
		rte_prefetch0(&t->link[t->free]);
	}
}

struct sl_flow *
sl_flow_get(struct sl_flows *t)
{
	struct sl_flow *f;
	uint32_t i = t->free;

	if (t->n_free == 0)
		return NULL;
	if (i != SL_NONE) {
		t->free = t->link[i].next;
		fetch_free(t); /* for the next one */
	} else {
		i = t->high++;
	}
	t->n_free--;
	f = &t->flow[i];
	memset(f, 0, sizeof(*f));
	t->link[i] = (struct sl_flow_link){ .map = SL_NONE, .next = SL_NONE, .prev = SL_NONE };
	return f;
}

void
sl_flow_key(const struct sl_flow *f, enum sl_side side, struct sl_key *key)
{
	*key = (struct sl_key){ .proto = f->proto, .side = side };
	if (side == SL_INSIDE) {
		key->src = f->in_addr;
		key->dst = f->rem_addr;
		key->sport = f->in_port;
		key->dport = f->rem_port;
		key->tenant = f->tenant;
	} else {
		key->src = f->rem_addr;
		key->dst = f->out_addr;
		key->sport = f->rem_port;
		key->dport = f->out_port;
	}
}

/* In which directions the record has an entry of its own. */
static bool
recorded(const struct sl_flow *f, enum sl_side side)
{
	return side == SL_INSIDE || (f->flags & SL_FLOW_OWN_PORT);
}

static int
record_add(struct sl_flows *t, struct sl_flow *f, enum sl_side side, uint32_t hash)
{
	uint64_t word = entry_word(f, side);

	return rte_hash_add_key_with_hash_data(t->hash, &word, hash, f);
}

static void
record_del(struct sl_flows *t, const struct sl_flow *f, enum sl_side side, uint32_t hash)
{
	uint64_t word = entry_word(f, side);

	rte_hash_del_key_with_hash(t->hash, &word, hash);
}

static void
quote_add(struct sl_flows *t, struct sl_flow *f, enum sl_side side)
{
	uint64_t word = entry_word(f, side) | TAG_QUOTE;
	struct sl_key key;

	quote_key(f, side, &key);
	if (sl_flow_quoted(t, &key) == NULL)
		rte_hash_add_key_with_hash_data(t->hash, &word, sl_flow_hash(t, &key), f);
}

static void
quote_del(struct sl_flows *t, const struct sl_flow *f, enum sl_side side)
{
	uint64_t word = entry_word(f, side) | TAG_QUOTE;
	struct sl_key key;

	quote_key(f, side, &key);
	if (sl_flow_quoted(t, &key) == f)
		rte_hash_del_key_with_hash(t->hash, &word, sl_flow_hash(t, &key));
}

void
sl_flow_quotes_add(struct sl_flows *t, struct sl_flow *f)
{
	quote_add(t, f, SL_INSIDE);
	quote_add(t, f, SL_OUTSIDE);
}

struct sl_flow *
sl_flow_quoted(const struct sl_flows *t, const struct sl_key *key)
{
	uint64_t word = question_word(key);
	void *data;

	if (rte_hash_lookup_with_hash_data(t->hash, &word, sl_flow_hash(t, key), &data) < 0)
		return NULL;
	return data;
}

int
sl_flow_rename(struct sl_flows *t, struct sl_flow *f, rte_be16_t in_port)
{
	struct sl_key key;
	uint32_t hash;

	sl_flow_key(f, SL_INSIDE, &key);
	hash = sl_flow_hash(t, &key);
	t->forgotten -= !sl_front_del(&t->front, hash, sl_flow_index(t, f));
	record_del(t, f, SL_INSIDE, hash);
	quote_del(t, f, SL_OUTSIDE);
	f->in_port = in_port;
	sl_flow_key(f, SL_INSIDE, &key);
	hash = sl_flow_hash(t, &key);
	if (record_add(t, f, SL_INSIDE, hash) < 0) {
		t->forgotten++;
		return -ENOSPC;
	}
	t->forgotten += !sl_front_add(&t->front, hash, sl_flow_index(t, f));
	quote_add(t, f, SL_OUTSIDE);
	return 0;
}

int
sl_flow_add(struct sl_flows *t, struct sl_flow *f)
{
	struct sl_key key;
	uint32_t hash[2];

	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		sl_flow_key(f, side, &key);
		hash[side] = sl_flow_hash(t, &key);
		rte_prefetch0(sl_front_bucket(&t->front, hash[side]));
	}
	if (record_add(t, f, SL_INSIDE, hash[SL_INSIDE]) < 0)
		return -ENOSPC;
	if (recorded(f, SL_OUTSIDE) && record_add(t, f, SL_OUTSIDE, hash[SL_OUTSIDE]) < 0) {
		record_del(t, f, SL_INSIDE, hash[SL_INSIDE]);
		return -ENOSPC;
	}
	t->forgotten += !sl_front_add(&t->front, hash[SL_INSIDE], sl_flow_index(t, f));
	if (t->n_late == SL_FLOW_LATE)
		sl_flow_settle_late(t);
	t->late[t->n_late].hash = hash[SL_OUTSIDE];
	t->late[t->n_late++].ref = sl_flow_index(t, f);
	f->flags |= SL_FLOW_LIVE;
	return 0;
}

void
sl_flow_hashes(const struct sl_flows *t, const struct sl_flow *f, uint32_t hash[2])
{
	struct sl_key key;

	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		sl_flow_key(f, side, &key);
		hash[side] = sl_flow_hash(t, &key);
	}
}

void
sl_flow_put(struct sl_flows *t, struct sl_flow *f)
{
	uint32_t hash[2] = { 0, 0 };

	if (f->flags & SL_FLOW_LIVE)
		sl_flow_hashes(t, f, hash);
	sl_flow_put_hashed(t, f, hash);
}

void
sl_flow_put_hashed(struct sl_flows *t, struct sl_flow *f, const uint32_t hash[2])
{
	uint32_t i = sl_flow_index(t, f);

	if (f->flags & SL_FLOW_LIVE) {
		sl_flow_settle(t);
		for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
			t->forgotten -= !sl_front_del(&t->front, hash[side], i);
			if (!recorded(f, side))
				continue;
			record_del(t, f, side, hash[side]);
			if (side == SL_OUTSIDE && sl_flow_is_call(f)) {
				quote_del(t, f, SL_INSIDE);
				quote_del(t, f, SL_OUTSIDE);
			}
		}
	}
	f->flags = 0;
	f->proto = 0;
	t->link[i].next = t->free;
	t->free = i;
	t->n_free++;
}

/* A look-up of many asks for all their lines before it reads one of them. */
static void
fetch_record(const struct sl_flows *t, const uint64_t *word, hash_sig_t *hash, unsigned int n)
{
	const void *key[SL_BURST_MAX];
	void *data[SL_BURST_MAX];
	uint64_t found;

	for (unsigned int i = 0; i < n; i++)
		key[i] = &word[i];
	rte_hash_lookup_with_hash_bulk_data(t->hash, key, hash, n, &found, data);
}

void
sl_flow_fetch_keys(const struct sl_flows *t, struct sl_pkt *const *pkt, unsigned int n)
{
	uint64_t word[SL_BURST_MAX];
	hash_sig_t hash[SL_BURST_MAX];

	for (unsigned int i = 0; i < n; i++) {
		word[i] = question_word(&pkt[i]->key);
		hash[i] = pkt[i]->hash;
	}
	fetch_record(t, word, hash, n);
}

void
sl_flow_fetch_flows(const struct sl_flows *t, struct sl_flow *const *flow,
	const uint32_t (*hash)[2], unsigned int n)
{
	uint64_t word[SL_BURST_MAX];
	hash_sig_t inside[SL_BURST_MAX];

	for (unsigned int i = 0; i < n; i++) {
		word[i] = entry_word(flow[i], SL_INSIDE);
		inside[i] = hash[i][SL_INSIDE];
	}
	fetch_record(t, word, inside, n);
}
