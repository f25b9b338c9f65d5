/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A look at packets on their way; what is shown or kept of them is for others to say.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "looking.h"

#define QUIET_US 50
#define QUIET_TRIES 20000 /* a second */
#define RING_BYTES (4u << 20) /* of copies that wait, each worker */
#define SLOTS_MIN 64u
#define SLOTS_MAX 8192u

static bool busy;

static uint32_t
slots_for(uint32_t keep)
{
	uint32_t n = RING_BYTES / (keep + (uint32_t)sizeof(struct sl_seen));

	return RTE_MAX(SLOTS_MIN, RTE_MIN(SLOTS_MAX, rte_align32prevpow2(n)));
}

struct looking *
looking_begin(struct call *call, size_t size, const struct sl_watch_filter *filter, uint32_t keep)
{
	struct looking *l;

	if (busy) {
		call_fail(call, -EBUSY,
			"a trace or capture is under way already; there is one at a time");
		return NULL;
	}
	l = calloc(1, size);
	if (l == NULL) {
		call_fail(call, -ENOMEM, "out of memory");
		return NULL;
	}
	l->box = call->box;
	l->watch = sl_watch_create(call->box->nat, filter, keep, slots_for(keep));
	if (l->watch == NULL) {
		call_fail(call, -ENOMEM, "no memory for copies; keep fewer bytes of each packet");
		free(l);
		return NULL;
	}
	busy = true;
	return l;
}

int
looking_arm(struct looking *l, FILE *err)
{
	int rc = sl_watch_arm(l->watch);

	if (rc < 0) {
		fprintf(err, "the workers are being watched already\n");
		return rc;
	}
	l->clock = watched_clock();
	l->until += clock_now();
	return 0;
}

bool
looking_is_over(const struct looking *l)
{
	return l->packets >= l->count || clock_now() >= l->until;
}

static bool
is_dropped(const struct sl_seen *s)
{
	return s->verdict < SL_COUNTER_COUNT && sl_counter_is_drop((enum sl_counter)s->verdict);
}

void
looking_count(struct looking *l, const struct sl_seen *s, bool leads)
{
	l->packets += leads;
	l->dropped += leads && is_dropped(s);
}

void
looking_sum(const struct looking *l, FILE *out)
{
	fprintf(out, "%" PRIu64 " %s, %" PRIu64 " of them dropped", l->packets,
		l->packets == 1 ? "packet" : "packets", l->dropped);
}

void
looking_lost(const struct looking *l, FILE *out)
{
	uint64_t lost = sl_watch_lost(l->watch);

	if (lost > 0)
		fprintf(out, "; %" PRIu64 " copies were lost for want of room", lost);
	fputc('\n', out);
}

/* A worker has let go of the watch a moment after it was disarmed. */
static void
free_watch(struct looking *l)
{
	if (l->watch == NULL)
		return;
	sl_watch_disarm(l->watch);
	for (int i = 0; !sl_watch_idle(l->watch); i++) {
		if (i == QUIET_TRIES) {
			SL_LOG(ERR, "a worker stands still, the memory of a watch is lost");
			l->watch = NULL;
			return;
		}
		usleep(QUIET_US);
	}
	sl_watch_destroy(l->watch);
	l->watch = NULL;
}

void
looking_end(struct looking *l)
{
	free_watch(l);
	free(l);
	busy = false;
}
