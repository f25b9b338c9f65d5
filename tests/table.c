/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Running tables of packets: one row a packet, what must come out of it, and which
 * counters must move.
 *
 * A case runs six times: with 1, 2 and 3 workers, each time beginning with another one,
 * and its packets enter on every worker in turn, so that every packet meets the worker
 * that owns it and ones that do not. The clock of the runs starts at different times,
 * once so that its low 32 bits wrap within the case, and half of them poll the workers
 * between a step of the clock and the packet, while the others do not: a session that is
 * over must be over whether or not ageing has come to it.
 *
 * Every run ends the same way: the counters balance to the packet; the clock moves past
 * the longest timeout and, in bounded slices, every session, mapping, subscriber and port
 * must go; no mbuf may be missing.
 */
#include "table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LONGEST_MS (100000u * 1000)
#define AGE_POLLS 20000

unsigned int table_split;

static struct pipe *current; /* survives a failed assertion, freed by the next run */

void
run_fail(struct run *r, const struct row *row, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "\n%s, %u workers from %u: ", r->c->name, r->p->n_workers, r->first);
	if (row != NULL)
		fprintf(stderr, "row %u at %lu ms: %s\n  ", (unsigned int)(row - r->c->row),
			row->when, row->packet);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	r->failed = true;
}

/* ' + ' outside of quotes and brackets divides. */
bool
table_part(const char **text, char *part, size_t size)
{
	const char *s = *text;
	char quote = 0;

	while (*s == ' ')
		s++;
	if (*s == 0)
		return false;
	*text = s;
	for (; *s != 0; s++) {
		if (quote != 0)
			quote = *s == quote ? 0 : quote;
		else if (*s == '\'' || *s == '"')
			quote = *s;
		else if (s[0] == '+' && s > *text && s[-1] == ' ' && s[1] == ' ')
			break;
	}
	snprintf(part, size, "%.*s", (int)(s - *text), *text);
	*text = *s == '+' ? s + 1 : s;
	return true;
}

void
table_receive(struct run *r, const struct row *row, enum sl_side side, const char *text)
{
	struct pt_default def = pipe_default_in(r->p, side, NULL, 0);
	static char part[PT_TEXT_MAX], bound[PT_TEXT_MAX];
	static struct pt_frame f;
	struct rte_mbuf *m[SL_BURST_MAX];
	unsigned int n = 0, worker = (r->first + r->turn++) % r->p->n_workers;
	char why[256];

	if (*text == '@') {
		worker = (unsigned int)atoi(text + 1) % r->p->n_workers;
		text = strchr(text, ' ');
	}
	r->told = false;
	while (table_part(&text, part, sizeof(part)) && n < SL_BURST_MAX) {
		if (pt_subst(&r->names, part, bound, sizeof(bound), why, sizeof(why)) < 0 ||
			pt_build(bound, &def, &f, why, sizeof(why)) < 0) {
			run_fail(r, row, "%s", why);
			break;
		}
		def = pipe_default_in(r->p, side, f.b, f.len);
		pt_build(bound, &def, &f, why, sizeof(why));
		m[n++] = table_split > 0 && table_split < f.len
				 ? pipe_mbuf_split(f.b, f.len, table_split)
				 : pipe_mbuf(f.b, f.len);
	}
	/* What comes or goes while others of the burst are under way nobody can foretell. */
	if (n == 1 && row->in != DO) {
		unsigned int teller = worker;

		r->told = foretell(r->p, &teller, side, f.b, f.len, &r->explain);
	}
	pipe_receive(r->p, worker, side, m, n);
}

/* Was the packet explained as it then was dealt with? */
static void
check_explained(struct run *r, const struct row *row, const uint64_t *before, bool refused)
{
	char why[128];

	if (r->told && !refused && !foretold(r->p, &r->explain, before, why, sizeof(why)))
		run_fail(r, row, "%s", why);
	r->told = false;
}

/* ---- what must come out ---- */

static enum row_side
where(const struct pipe_packet *got)
{
	return got->punt ? PUNT : got->side == SL_INSIDE ? IN : OUT;
}

static struct pt_default
got_default(const struct run *r, const struct pipe_packet *got, const uint8_t *b, size_t len)
{
	if (got->punt)
		return pipe_default_in(r->p, got->side, b, len);
	return pipe_default_out(r->p, got->side, 0, b, len);
}

/* The bytes of a packet that came out, over all its segments. */
static const uint8_t *
got_bytes(const struct pipe_packet *got, size_t *len)
{
	static uint8_t copy[PT_FRAME_MAX];

	*len = rte_pktmbuf_pkt_len(got->m);
	return rte_pktmbuf_read(got->m, 0, (uint32_t)*len, copy);
}

static void
say_got(const struct run *r, const struct pipe_packet *got, bool dump)
{
	static char text[PT_TEXT_MAX];
	static const char *const name[] = { [IN] = "@in", [OUT] = "@out", [PUNT] = "@punt" };
	size_t len;
	const uint8_t *b = got_bytes(got, &len);
	struct pt_default def = got_default(r, got, b, len);

	pt_show(b, len, &def, text, sizeof(text));
	fprintf(stderr, "  got %s %s\n", name[where(got)], text);
	if (dump)
		pt_dump("  frame", b, len);
}

static const char *
side_prefix(const char *part, enum row_side *side)
{
	static const struct {
		const char *word;
		enum row_side side;
	} prefix[] = { { "@in ", IN }, { "@out ", OUT }, { "@punt ", PUNT } };

	for (unsigned int i = 0; i < RTE_DIM(prefix); i++) {
		if (strncmp(part, prefix[i].word, strlen(prefix[i].word)) == 0) {
			*side = prefix[i].side;
			return part + strlen(prefix[i].word);
		}
	}
	return part;
}

/* One expected packet against the first one not yet taken that went the same way. */
static void
check_part(struct run *r, const struct row *row, const char *part, bool *taken)
{
	enum row_side side = row->out;
	const char *text = side_prefix(part, &side);
	char why[256];

	for (unsigned int i = 0; i < r->p->n_got; i++) {
		struct pipe_packet *got = &r->p->got[i];
		struct pt_default def;
		const uint8_t *b;
		size_t len;

		if (taken[i] || where(got) != side)
			continue;
		taken[i] = true;
		b = got_bytes(got, &len);
		def = got_default(r, got, b, len);
		if (pt_match(text, b, len, &def, &r->names, why, sizeof(why)) == 0)
			return;
		run_fail(r, row, "%s\n  expected %s", why, part);
		say_got(r, got, true);
		return;
	}
	run_fail(r, row, "did not come: %s", part);
	for (unsigned int i = 0; i < r->p->n_got; i++)
		say_got(r, &r->p->got[i], false);
}

static void
check_output(struct run *r, const struct row *row)
{
	static bool taken[PIPE_GOT_MAX];
	static char part[PT_TEXT_MAX];
	const char *text = row->expect == NULL ? "" : row->expect;

	if (row->out == ANY)
		return;
	memset(taken, 0, sizeof(taken));
	while (!r->failed && row->out != NONE && table_part(&text, part, sizeof(part)))
		check_part(r, row, part, taken);
	for (unsigned int i = 0; i < r->p->n_got && !r->failed; i++) {
		if (taken[i])
			continue;
		run_fail(r, row, "a packet that was not expected");
		say_got(r, &r->p->got[i], false);
	}
}

/* ---- which counters must move ---- */

static void
say_moved(const struct run *r, const uint64_t *before)
{
	fprintf(stderr, "  moved:");
	for (int c = 0; c < SL_COUNTER_COUNT; c++) {
		uint64_t now = sl_counter_sum(r->p->nat, (enum sl_counter)c);

		if (now != before[c] &&
			strstr(sl_counter_name((enum sl_counter)c), "bytes") == NULL)
			fprintf(stderr, " %s=%ld", sl_counter_name((enum sl_counter)c),
				(long)(now - before[c]));
	}
	fprintf(stderr, "\n");
}

static void
check_counters(struct run *r, const struct row *row, const uint64_t *before)
{
	bool named[SL_COUNTER_COUNT] = { false };
	char list[512], *save = NULL;

	snprintf(list, sizeof(list), "%s", row->counter == NULL ? "" : row->counter);
	for (char *s = strtok_r(list, " ", &save); s != NULL; s = strtok_r(NULL, " ", &save)) {
		char *value = strchr(s, '=');
		int c = 0;
		long moved;

		if (value != NULL)
			*value++ = 0;
		while (c < SL_COUNTER_COUNT && strcmp(sl_counter_name((enum sl_counter)c), s) != 0)
			c++;
		if (c == SL_COUNTER_COUNT) {
			run_fail(r, row, "no counter '%s'", s);
			return;
		}
		named[c] = true;
		moved = (long)(sl_counter_sum(r->p->nat, (enum sl_counter)c) - before[c]);
		if (value != NULL && *value == '*')
			continue;
		if (moved != (value == NULL ? 1 : atol(value)))
			run_fail(r, row, "%s moved by %ld, expected %s", s, moved,
				value == NULL ? "1" : value);
	}
	for (int c = 0; c < SL_COUNTER_COUNT; c++)
		if (sl_counter_is_drop((enum sl_counter)c) && !named[c] && row->out != ANY &&
			sl_counter_sum(r->p->nat, (enum sl_counter)c) != before[c])
			run_fail(r, row, "%s moved", sl_counter_name((enum sl_counter)c));
	if (r->failed)
		say_moved(r, before);
}

/* ---- a run ---- */

static void
run_row(struct run *r, const struct row *row)
{
	uint64_t before[SL_COUNTER_COUNT];
	bool refused = r->p->refuse[0] + r->p->refuse[1] > 0;
	char why[128];

	for (int c = 0; c < SL_COUNTER_COUNT; c++)
		before[c] = sl_counter_sum(r->p->nat, (enum sl_counter)c);
	if (row->when > r->p->now - r->p->base) {
		r->p->now = r->p->base + row->when;
		if (r->poll_first)
			pipe_poll(r->p, 2);
	}
	if (row->in == DO)
		table_do(r, row);
	else
		table_receive(r, row, row->in == IN ? SL_INSIDE : SL_OUTSIDE, row->packet);
	pipe_settle(r->p);
	check_output(r, row);
	check_counters(r, row, before);
	check_explained(r, row, before, refused);
	if (!pipe_balanced(r->p, why, sizeof(why)))
		run_fail(r, row, "%s", why);
	pipe_discard(r->p);
}

static uint64_t
left(const struct pipe *p)
{
	return sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_NOW) +
	       sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW) +
	       sl_counter_sum(p->nat, SL_COUNTER_SUBSCRIBERS_NOW) +
	       sl_counter_sum(p->nat, SL_COUNTER_HOSTS6_NOW) +
	       sl_counter_sum(p->nat, SL_COUNTER_HELD_NOW) +
	       sl_counter_sum(p->nat, SL_COUNTER_FRAGMENTS_HELD_NOW);
}

static unsigned int
ports_used(const struct pipe *p)
{
	struct sl_pool_use use[64];
	unsigned int n = sl_pool_use(p->nat, 0, use, RTE_DIM(use)), used = 0;

	for (unsigned int i = 0; i < n; i++)
		used += use[i].used[0] + use[i].used[1] + use[i].used[2];
	return used;
}

/* Everything must go by itself, at most a slice at a time. */
static void
age_all(struct run *r)
{
	/* Sessions first, then ports that rest, then blocks of ports that are idle. */
	for (unsigned int round = 0; round < 3; round++) {
		r->p->now += LONGEST_MS;
		for (unsigned int i = 0; i < AGE_POLLS && left(r->p) + ports_used(r->p) > 0; i++) {
			r->p->now += 1;
			pipe_poll(r->p, 1);
			pipe_discard(r->p);
		}
	}
	if (left(r->p) > 0)
		run_fail(r, NULL,
			"%lu sessions, %lu mappings, %lu subscribers, %lu packets for ever",
			sl_counter_sum(r->p->nat, SL_COUNTER_SESSIONS_NOW),
			sl_counter_sum(r->p->nat, SL_COUNTER_MAPPINGS_NOW),
			sl_counter_sum(r->p->nat, SL_COUNTER_SUBSCRIBERS_NOW),
			sl_counter_sum(r->p->nat, SL_COUNTER_HELD_NOW));
	if (ports_used(r->p) > 0)
		run_fail(r, NULL, "%u ports never come back", ports_used(r->p));
	pipe_discard(r->p);
}

void
table_begin(struct run *r, const struct table_case *c, unsigned int n_workers, unsigned int first,
	unsigned int number)
{
	static const uint64_t base[] = { 1000, UINT32_MAX - 100, 1ULL << 40, UINT32_MAX - 70000 };
	const char *clock = getenv("SLUICE_CLOCK"); /* one for all: to be near some wrap */

	pipe_destroy(current);
	*r = (struct run){ .c = c, .first = first, .poll_first = number % 2 };
	r->p = current = pipe_create(n_workers, c->conf, 4711 + number * 31,
		clock != NULL ? strtoull(clock, NULL, 10) : base[number % 4]);
}

void
table_row(struct run *r, const struct row *row)
{
	run_row(r, row);
}

void
table_end(struct run *r)
{
	char why[128];

	if (!r->failed && !pipe_balanced(r->p, why, sizeof(why)))
		run_fail(r, NULL, "%s", why);
	current = NULL;
	pipe_discard(r->p);
	pipe_destroy(r->p);
	if (!r->failed && pipe_mbufs_out() > 0)
		run_fail(r, NULL, "%u mbufs are missing", pipe_mbufs_out());
	if (r->failed)
		fail();
}

static void
run_once(
	const struct table_case *c, unsigned int n_workers, unsigned int first, unsigned int number)
{
	static struct run r;

	table_begin(&r, c, n_workers, first, number);
	for (const struct row *row = c->row; row->in != NONE && !r.failed; row++)
		run_row(&r, row);
	if (!r.failed)
		age_all(&r);
	if (!r.failed && pipe_mbufs_out() > 0)
		run_fail(&r, NULL, "%u mbufs are missing", pipe_mbufs_out());
	table_end(&r);
	assert_int_equal(pipe_mbufs_out(), 0);
}

void
table_run(const struct table_case *c)
{
	struct conf_params params = { 0 };
	unsigned int number = 0;
	bool joins = pipe_joins;

	pipe_destroy(current);
	current = NULL;
	assert_int_equal(pipe_mbufs_out(), 0);
	conf_params_of(c->conf, &params);
	pipe_joins = joins || params.joins;
	for (unsigned int n = 1; n <= (params.workers != 0 ? params.workers : 3); n++)
		for (unsigned int first = 0; first < n; first++)
			run_once(c, n, first, number++);
	pipe_joins = joins;
}
