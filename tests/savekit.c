/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Behind savekit.h: what app/gather.c and app/restored.c do around the library, without a file.
 */
#include "savekit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "helpers.h"

uint64_t saved_fates[SL_SAVED_FATES];

/* What control knows of sessions and the workers do not. */
static void
add_shifts(struct pipe *p, unsigned int worker, struct sl_saved_tcp *t, unsigned int n)
{
	for (; n > 0 && p->helpers != NULL; n--, t++)
		if (sl_helpers_shift(
			    p->helpers, worker, t->flow.place, t->flow.created, t->shift) != 0)
			t->shift[0] = t->shift[1] = UINT32_MAX;
}

void
saved_take(struct pipe *p, struct saved *s)
{
	memset(s, 0, sizeof(*s));
	s->owners = sl_owners_get(p->nat);
	for (unsigned int kind = 0; kind < SL_SAVED_KINDS; kind++) {
		size_t size = sl_saved_size((enum sl_saved_kind)kind);

		for (unsigned int i = 0; i < p->n_workers; i++) {
			struct sl_msg msg = { .op = SL_MSG_SAVE, .kind = (uint8_t)kind };

			while (msg.cursor != UINT32_MAX) {
				msg.max = SL_SAVE_STEP;
				assert_true(s->n[kind] + SL_SAVE_STEP <= RECORDS_MAX);
				msg.buf = (char *)s->record[kind] + s->n[kind] * size;
				sl_worker_answer(sl_nat_worker(p->nat, i), &msg);
				if (kind == SL_SAVED_TCP)
					add_shifts(p, i, msg.buf, msg.n);
				s->n[kind] += msg.n;
			}
		}
	}
}

struct sl_saved_names
saved_names(void)
{
	static const int same[] = { 0, 1, 2, 3 };
	struct sl_saved_names names = {
		.tenant = same, .nat64 = same, .n_tenants = 4, .n_nat64 = 4
	};

	for (uint8_t i = 0; i <= SL_HELPERS_MAX; i++)
		names.helper[i] = i;
	return names;
}

void
saved_put(struct pipe *p, const struct saved *s, uint64_t elapsed, struct sl_saved_names names)
{
	struct sl_restore *r;

	names.helpers = p->helpers;
	r = sl_restore_begin(p->nat, &names, s->n[SL_SAVED_HOST], elapsed, p->now);
	assert_non_null(r);
	memset(saved_fates, 0, sizeof(saved_fates));
	for (unsigned int kind = 0; kind < SL_SAVED_KINDS; kind++)
		sl_restore_put(r, (enum sl_saved_kind)kind, s->record[kind], s->n[kind]);
	for (unsigned int fate = 0; fate < SL_SAVED_FATES; fate++)
		saved_fates[fate] = sl_restore_count(r, SL_SAVED_FLOW, (enum sl_saved_fate)fate) +
				    sl_restore_count(r, SL_SAVED_TCP, (enum sl_saved_fate)fate);
	sl_restore_end(r);
}
