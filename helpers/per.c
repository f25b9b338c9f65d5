/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Along an encoding of aligned PER (X.691, section numbers of 07/2002). Nothing in it says what
 * it is: the place of each bit follows from the types of all that came before it, so these are
 * walked over one by one. What is of no interest needs no description where its length is told,
 * which is so for all extension additions.
 *
 * There is no recursion: what is begun and not finished lies on a stack of frames of its own.
 * Three kinds of types have one:
 *
 *	SEQUENCE   its fields; which optional ones and which additions are there
 *	OF         how many elements are still to come
 *	OPEN       something whose length was told: when it is done, on to its end
 *
 * A choice has none, since nothing is to be done behind its alternative. Bounds: the stack, the
 * hits, and the number of steps, which is in proportion to the length of the message. Lengths
 * in fragments of 16K (10.9.3.8) are more than a message may have and are not read.
 */
#include "per.h"

#define DEPTH 32
#define STEPS 512 /* and as many for each byte: */
#define STEPS_PER_BYTE 4

struct frame {
	const struct sl_per_type *type; /* NULL: OPEN */
	uint8_t mark;
	bool extended, additions; /* there are some; they are what is being walked */
	uint32_t next; /* field */
	uint32_t left; /* optional fields, or elements */
	uint64_t present; /* bit i: the i-th last optional field, or addition */
	size_t end, limit; /* OPEN: its last bit, and the limit around it */
};

struct walk {
	const uint8_t *p;
	size_t at, limit; /* bits */
	size_t steps;
	bool bad, lost; /* lost: what follows is not described */
	unsigned int depth;
	struct sl_per_hits *hits;
	struct frame stack[DEPTH];
};

static const struct sl_per_type null = { .kind = SL_PER_NULL };
#define NULLS4                                                                                     \
	{ &null, 0, false }, { &null, 0, false }, { &null, 0, false },                             \
	{                                                                                          \
		&null, 0, false                                                                    \
	}
const struct sl_per_field sl_per_nulls[16] = { NULLS4, NULLS4, NULLS4, NULLS4 };

/* ---- bits ---- */

static uint64_t
bits(struct walk *w, unsigned int n)
{
	uint64_t v = 0;

	if (n > 64 || w->limit - w->at < n) {
		w->bad = true;
		return 0;
	}
	while (n > 0) {
		unsigned int have = 8 - (w->at & 7), k = RTE_MIN(n, have);
		uint8_t b = (uint8_t)(w->p[w->at / 8] << (8 - have));

		v = v << k | b >> (8 - k);
		w->at += k;
		n -= k;
	}
	return v;
}

static void
skip(struct walk *w, size_t n)
{
	if (w->limit - w->at < n)
		w->bad = true;
	else
		w->at += n;
}

static void
align(struct walk *w)
{
	skip(w, (8 - (w->at & 7)) & 7);
}

static unsigned int
bits_for(uint32_t most)
{
	return most == 0 ? 0 : 32 - (unsigned int)__builtin_clz(most);
}

/* A constrained whole number (10.5.7). */
static uint32_t
number(struct walk *w, uint32_t lo, uint32_t hi)
{
	uint32_t most = hi - lo, v;

	if (most < 255) {
		v = (uint32_t)bits(w, bits_for(most));
	} else if (most < 65536) {
		align(w);
		v = (uint32_t)bits(w, most == 255 ? 8 : 16);
	} else {
		unsigned int octets = (bits_for(most) + 7) / 8;
		unsigned int n = 1 + (unsigned int)bits(w, bits_for(octets - 1));

		align(w);
		w->bad |= n > octets;
		v = (uint32_t)bits(w, n * 8);
	}
	w->bad |= v > most;
	return lo + v;
}

/* A length that has no bounds (10.9.3.6, 10.9.3.7). */
static uint32_t
length(struct walk *w)
{
	uint32_t v;

	align(w);
	v = (uint32_t)bits(w, 8);
	if (v < 0x80)
		return v;
	w->bad |= v >= 0xc0;
	return (v & 0x3f) << 8 | (uint32_t)bits(w, 8);
}

static uint32_t
size_of(struct walk *w, const struct sl_per_type *t)
{
	return t->hi == 0 ? length(w) : number(w, t->lo, t->hi);
}

/* A number that is small as a rule (10.6). */
static uint32_t
small(struct walk *w)
{
	if (bits(w, 1) == 0)
		return (uint32_t)bits(w, 6);
	w->bad |= length(w) != 1; /* nobody has that many */
	return (uint32_t)bits(w, 8);
}

/* ---- values that have no parts ---- */

static void
hit(struct walk *w, enum sl_per_found what, uint8_t mark, uint32_t value)
{
	struct sl_per_hits *hits = w->hits;

	if (mark == 0 || w->bad)
		return;
	if (hits->n == SL_PER_HITS) {
		w->bad = true;
		return;
	}
	hits->hit[hits->n++] = (struct sl_per_hit){
		.what = what,
		.mark = mark,
		.at = (uint16_t)((w->at + 7) / 8),
		.value = value,
	};
}

/* Octets are aligned but for one or two of a fixed size (16.6); a string when it may have 16 bits
 * (27.5.6). */
static void
octets(struct walk *w, const struct sl_per_type *t)
{
	uint32_t n = size_of(w, t);

	if (t->hi == 0 || t->lo != t->hi || t->hi > 2)
		align(w);
	skip(w, (size_t)n * 8);
}

static void
string(struct walk *w, const struct sl_per_type *t)
{
	uint32_t n = size_of(w, t);

	if (t->hi == 0 || t->hi * t->n >= 16)
		align(w);
	skip(w, (size_t)n * t->n);
}

static void
endpoint(struct walk *w, uint8_t mark)
{
	align(w);
	hit(w, SL_PER_ADDRESS, mark, 0);
	skip(w, 48);
}

static void
integer(struct walk *w, const struct sl_per_type *t, uint8_t mark)
{
	if (t->ext && bits(w, 1) != 0) {
		skip(w, (size_t)length(w) * 8);
		return;
	}
	hit(w, SL_PER_NUMBER, mark, number(w, t->lo, t->hi));
}

/* ---- values that have ---- */

static struct frame *
push(struct walk *w, const struct sl_per_type *type, uint8_t mark)
{
	struct frame *f = &w->stack[w->depth];

	if (w->depth == DEPTH) {
		w->bad = true;
		return NULL;
	}
	w->depth++;
	*f = (struct frame){ .type = type, .mark = mark };
	return f;
}

/* Something with a length of its own begins. */
static void
push_open(struct walk *w)
{
	uint32_t n = length(w);
	struct frame *f = push(w, NULL, 0);

	if (f == NULL || w->bad || w->limit - w->at < (size_t)n * 8) {
		w->bad = true;
		return;
	}
	f->limit = w->limit;
	f->end = w->limit = w->at + (size_t)n * 8;
}

static void
push_sequence(struct walk *w, const struct sl_per_type *t, uint8_t mark)
{
	struct frame *f = push(w, t, mark);

	if (f == NULL)
		return;
	f->extended = t->ext && bits(w, 1) != 0;
	for (unsigned int i = 0; i < t->n; i++)
		f->left += t->field[i].optional;
	f->present = bits(w, f->left);
}

static void
push_of(struct walk *w, const struct sl_per_type *t, uint8_t mark)
{
	struct frame *f = push(w, t, mark);

	if (f != NULL)
		f->left = size_of(w, t);
}

/* The alternative that was chosen; NULL: one of no interest. */
static const struct sl_per_field *
choose(struct walk *w, const struct sl_per_type *t)
{
	uint32_t i;

	if (!t->ext || bits(w, 1) == 0) {
		i = number(w, 0, t->n - 1u);
		return w->bad ? NULL : &t->field[i];
	}
	i = small(w);
	push_open(w);
	return !w->bad && i < t->more && t->field[t->n + i].type != NULL ? &t->field[t->n + i]
									 : NULL;
}

/* Begin a value: all of it when it has no parts. */
static void
enter(struct walk *w, const struct sl_per_type *t, uint8_t mark)
{
	while (t != NULL && (t->kind == SL_PER_CHOICE || t->kind == SL_PER_WRAP) && !w->bad) {
		const struct sl_per_field *inner = t->field;

		if (t->kind == SL_PER_CHOICE)
			inner = choose(w, t);
		else
			push_open(w);
		if (inner == NULL)
			return;
		if (t->kind == SL_PER_CHOICE)
			hit(w, SL_PER_CHOSEN, inner->mark, 0);
		mark = inner->mark != 0 ? inner->mark : mark;
		t = inner->type;
	}
	if (t == NULL) {
		w->lost = true;
		return;
	}
	switch (t->kind) {
	case SL_PER_BITS:
		skip(w, t->hi);
		break;
	case SL_PER_INT:
		integer(w, t, mark);
		break;
	case SL_PER_OCTETS:
		octets(w, t);
		break;
	case SL_PER_STRING:
		string(w, t);
		break;
	case SL_PER_ENDPOINT:
		endpoint(w, mark);
		break;
	case SL_PER_SEQUENCE:
		push_sequence(w, t, mark);
		break;
	case SL_PER_OF:
		push_of(w, t, mark);
		break;
	default:
		break;
	}
}

/* ---- what is to be done next ---- */

static void
enter_field(struct walk *w, const struct frame *f, const struct sl_per_field *field)
{
	enter(w, field->type, field->mark != 0 ? field->mark : f->mark);
}

/* Which additions there are (18.7, 18.8). */
static void
begin_additions(struct walk *w, struct frame *f)
{
	w->bad |= bits(w, 1) != 0; /* more than 64 */
	f->left = (uint32_t)bits(w, 6) + 1;
	f->present = bits(w, f->left);
	f->additions = true;
	f->next = 0;
}

static void
next_addition(struct walk *w, struct frame *f)
{
	const struct sl_per_type *t = f->type;

	while (f->left > 0 && !(f->present >> --f->left & 1))
		f->next++;
	if (!(f->present >> f->left & 1)) {
		w->depth--;
		return;
	}
	f->present &= ~(UINT64_C(1) << f->left);
	push_open(w);
	if (!w->bad && f->next < t->more && t->field[t->n + f->next].type != NULL)
		enter_field(w, f, &t->field[t->n + f->next]);
	f->next++;
}

static void
next_field(struct walk *w, struct frame *f)
{
	const struct sl_per_type *t = f->type;

	while (!f->additions && f->next < t->n) {
		const struct sl_per_field *field = &t->field[f->next++];

		if (field->optional && !(f->present >> --f->left & 1))
			continue;
		enter_field(w, f, field);
		return;
	}
	if (!f->extended) {
		w->depth--;
		return;
	}
	if (!f->additions)
		begin_additions(w, f);
	next_addition(w, f);
}

static void
step(struct walk *w)
{
	struct frame *f = &w->stack[w->depth - 1];

	if (f->type == NULL) {
		w->at = f->end;
		w->limit = f->limit;
		w->depth--;
	} else if (f->type->kind == SL_PER_SEQUENCE) {
		next_field(w, f);
	} else if (f->left == 0) {
		w->depth--;
	} else {
		f->left--;
		enter_field(w, f, f->type->field);
	}
}

/* What follows is not described: on behind what it lies in. */
static void
find_way(struct walk *w)
{
	w->lost = false;
	while (w->depth > 0 && w->stack[w->depth - 1].type != NULL)
		w->depth--;
	if (w->depth == 0)
		w->at = w->limit;
}

size_t
sl_per_walk(const struct sl_per_type *type, struct sl_slice message, size_t at,
	struct sl_per_hits *hits)
{
	struct walk w;

	if (at >= message.n || message.n > UINT16_MAX)
		return 0;
	w.p = message.p;
	w.at = at * 8;
	w.limit = message.n * 8;
	w.steps = STEPS + STEPS_PER_BYTE * (message.n - at);
	w.bad = w.lost = false;
	w.depth = 0;
	w.hits = hits;
	enter(&w, type, 0);
	while (!w.bad && (w.lost || w.depth > 0)) {
		w.bad = w.steps-- == 0;
		if (w.lost)
			find_way(&w);
		else
			step(&w);
	}
	return w.bad ? 0 : (w.at + 7) / 8;
}
