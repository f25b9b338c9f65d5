/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Every packet of the packet tables, but not as it is: in two segments that meet at each offset
 * of its headers, where all that the tables say must still be true; and, after the rows before
 * it, cut at every byte and with every 16-bit field set to awkward values, where every packet
 * must be accounted for and every mbuf come back. Arguments: the name of a suite or "all", and
 * a part of the names of the cases wanted.
 *
 * All of it takes an hour under sanitizers. With SPOILT_STEP=N in the environment a case takes
 * every Nth offset and every Nth row; where it begins differs from case to case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hostile.h"
#include "table.h"

#define HEADERS 142 /* Ethernet with two tags, IPv4 and TCP with all options there can be */
#define BURST 32
#define FRAMES_MAX 8 /* of one row */
#define CASES_MAX 2048

/* The packets of one row, as they were before anybody spoilt them. */
static struct {
	struct pt_frame frame[FRAMES_MAX];
	unsigned int n;
} good;

static struct rte_mbuf *burst[BURST];
static unsigned int n_burst;
static unsigned long n_sent;
static unsigned int step = 1;

static bool
is_packet(const struct row *row)
{
	return row->in == IN || row->in == OUT;
}

/* Read the packets of a row; false when it is not one that can be built here. */
static bool
read_row(struct run *r, const struct row *row)
{
	enum sl_side side = row->in == IN ? SL_INSIDE : SL_OUTSIDE;
	static char part[PT_TEXT_MAX], bound[PT_TEXT_MAX];
	const char *text = row->packet;
	struct pt_default def = pipe_default_in(r->p, side, NULL, 0);
	char why[256];

	if (*text == '@')
		text = strchr(text, ' ');
	for (good.n = 0; good.n < FRAMES_MAX && table_part(&text, part, sizeof(part)); good.n++) {
		struct pt_frame *f = &good.frame[good.n];

		if (pt_subst(&r->names, part, bound, sizeof(bound), why, sizeof(why)) < 0 ||
			pt_build(bound, &def, f, why, sizeof(why)) < 0)
			return false;
		def = pipe_default_in(r->p, side, f->b, f->len);
		pt_build(bound, &def, f, why, sizeof(why));
	}
	return true;
}

static void
flush(struct run *r, enum sl_side side)
{
	char why[128];

	if (n_burst > 0)
		pipe_receive(r->p, r->turn++ % r->p->n_workers, side, burst, n_burst);
	n_burst = 0;
	pipe_settle(r->p);
	if (!pipe_balanced(r->p, why, sizeof(why)))
		run_fail(r, NULL, "%s", why);
	pipe_discard(r->p);
}

static void
send(struct run *r, enum sl_side side, struct pt_frame *f, unsigned int how)
{
	hostile_repair(f->b, f->len, (enum hostile_repair)(how % HOSTILE_REPAIRS));
	burst[n_burst++] = pipe_mbuf(f->b, f->len);
	n_sent++;
	if (n_burst == BURST)
		flush(r, side);
}

static void
spoil(struct run *r, enum sl_side side, const struct pt_frame *whole)
{
	static const uint16_t awkward[] = { 0, 1, 7, 8, 0x7fff, 0xffff };
	static struct pt_frame f;

	for (size_t len = 0; len < whole->len && !r->failed; len += len < HEADERS ? 1 : 61) {
		memcpy(f.b, whole->b, whole->len);
		f.len = len;
		send(r, side, &f, (unsigned int)len);
	}
	for (size_t at = 0; at + 2 <= RTE_MIN(whole->len, (size_t)HEADERS) && !r->failed; at += 2) {
		for (unsigned int v = 0; v < RTE_DIM(awkward); v++) {
			memcpy(f.b, whole->b, whole->len);
			f.len = whole->len;
			f.b[at] = (uint8_t)(awkward[v] >> 8);
			f.b[at + 1] = (uint8_t)awkward[v];
			send(r, side, &f, (unsigned int)at / 2 + v);
		}
	}
	flush(r, side);
}

/* The rows before it as they are, then this one's packets spoilt. */
static void
spoil_row(const struct table_case *c, const struct row *row, unsigned int n_workers)
{
	enum sl_side side = row->in == IN ? SL_INSIDE : SL_OUTSIDE;
	static struct run r;

	table_begin(&r, c, n_workers, 0, 0);
	for (const struct row *before = c->row; before < row && !r.failed; before++)
		table_row(&r, before);
	if (row->when > r.p->now - r.p->base)
		r.p->now = r.p->base + row->when;
	if (!r.failed && read_row(&r, row))
		for (unsigned int i = 0; i < good.n; i++)
			spoil(&r, side, &good.frame[i]);
	table_end(&r);
}

/* Where a case begins when it does not do all: by its name, so always at the same place. */
static unsigned int
start_of(const struct table_case *c)
{
	unsigned int sum = 0;

	for (const char *p = c->name; *p != '\0'; p++)
		sum = sum * 31 + (unsigned char)*p;
	return sum % step;
}

static void
run_spoilt(void **state)
{
	const struct table_case *c = *state;
	struct conf_params params = { 0 };
	unsigned int n_workers;
	bool joins = pipe_joins;

	conf_params_of(c->conf, &params);
	/* What is joined grows behind its last byte, also when it was spoilt. */
	pipe_joins = true;
	for (const struct row *row = c->row; row->in != NONE; row++) {
		n_workers = 1 + (unsigned int)(row - c->row) % 3;
		if (params.workers != 0)
			n_workers = RTE_MIN(n_workers, params.workers);
		if (is_packet(row) && ((uintptr_t)(row - c->row) + start_of(c)) % step == 0)
			spoil_row(c, row, n_workers);
	}
	pipe_joins = joins;
}

static void
run_split(void **state)
{
	const struct table_case *c = *state;
	struct conf_params params = { 0 };
	bool joins = pipe_joins;
	static struct run r;

	conf_params_of(c->conf, &params);
	pipe_joins = joins || params.joins;
	for (table_split = 1 + start_of(c); table_split < HEADERS; table_split += step) {
		unsigned int n_workers = 1 + table_split % 3;

		if (params.workers != 0)
			n_workers = RTE_MIN(n_workers, params.workers);
		table_begin(&r, c, n_workers, 0, 0);
		for (const struct row *row = c->row; row->in != NONE && !r.failed; row++)
			table_row(&r, row);
		if (r.failed)
			fprintf(stderr, "split at %u\n", table_split);
		table_end(&r);
	}
	table_split = 0;
	pipe_joins = joins;
}

int
main(int argc, char **argv)
{
	static struct CMUnitTest tests[CASES_MAX];
	const char *suite = argc > 1 ? argv[1] : "all";
	const char *wish = getenv("SPOILT_STEP");
	size_t n = 0;
	int bad;

	if (wish != NULL && atoi(wish) > 0)
		step = (unsigned int)atoi(wish);
	for (unsigned int s = 0; s < table_n_suites; s++) {
		if (strcmp(suite, "all") != 0 && strcmp(suite, table_suites[s]->name) != 0)
			continue;
		for (unsigned int i = 0; i < table_suites[s]->n && n + 1 < CASES_MAX; i++) {
			const struct table_case *c = &table_suites[s]->c[i];
			void *arg = (void *)(uintptr_t)c;

			if (argc > 2 && strstr(c->name, argv[2]) == NULL)
				continue;
			tests[n++] = (struct CMUnitTest){ c->name, run_split, NULL, NULL, arg };
			tests[n++] = (struct CMUnitTest){ c->name, run_spoilt, NULL, NULL, arg };
		}
	}
	if (n == 0)
		return 2;
	bad = _cmocka_run_group_tests(suite, tests, n, pipe_setup, NULL);
	print_message("%lu spoilt packets\n", n_sent);
	return bad == 0 ? 0 : 1;
}
