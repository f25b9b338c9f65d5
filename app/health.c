/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Is this box fit to have traffic sent to it? Asked by those who can send it elsewhere: the
 * routes that announce.c makes for a routing daemon, keepalived by `check health`, whoever reads
 * /health or the figures.
 *
 *   healthy     nothing is wrong
 *   degraded    a pool is full: sessions that are there go on, new ones are refused. Traffic stays
 *               here, since the answers to those sessions come to this box's addresses alone
 *   unhealthy   a port has no link, or a worker stands still: some or all is not forwarded
 *
 * Bad news count at once. Good news count when they have been good for the hold time, so that a
 * link that comes and goes does not take the network's routes with it.
 *
 * Control only, once a second; a worker counts as stuck when control.c has said so.
 */
#include <rte_common.h>

#include "box.h"
#include "clock.h"
#include "health.h"
#include "log.h"
#include "poolsum.h"

static const struct {
	const char *name, *text;
} problems[HEALTH_PROBLEMS] = {
	[HEALTH_STARTING] = { "starting", "it has just been started" },
	[HEALTH_LEAVING] = { "leaving", "it is being stopped" },
	[HEALTH_INSIDE_DOWN] = { "inside-down",
		"the inside port has no link; see 'show interfaces', cable and switch" },
	[HEALTH_OUTSIDE_DOWN] = { "outside-down",
		"the outside port has no link; see 'show interfaces', cable and switch" },
	[HEALTH_WORKER_STUCK] = { "worker-stuck",
		"a worker stands still; see 'show workers' and what else runs on its processor" },
	[HEALTH_POOL_FULL] = { "pool-full",
		"a pool has no port left; see 'show pools', give it more addresses" },
};

void
health_init(struct box *box)
{
	box->health = (struct health){ .problems = 1u << HEALTH_STARTING, .changed = clock_now() };
}

static bool
is_down(const struct port *port)
{
	return !__atomic_load_n(&port->up, __ATOMIC_RELAXED) ||
	       __atomic_load_n(&port->gone, __ATOMIC_RELAXED);
}

/* Is there a pool without a port left for TCP or UDP? */
static bool
pool_is_full(const struct box *box)
{
	const struct poolsum_pool *p;

	for (unsigned int i = 0; (p = poolsum_get(box->pools, i)) != NULL; i++)
		if (p->ports > 0 && (p->used[0] >= p->ports || p->used[1] >= p->ports))
			return true;
	return false;
}

static uint32_t
look(const struct box *box)
{
	uint32_t found = 0;

	if (is_down(&box->port[SL_INSIDE]))
		found |= 1u << HEALTH_INSIDE_DOWN;
	if (is_down(&box->port[SL_OUTSIDE]))
		found |= 1u << HEALTH_OUTSIDE_DOWN;
	for (unsigned int i = 0; i < box->n_workers; i++)
		if (box->watch[i].stuck > 0)
			found |= 1u << HEALTH_WORKER_STUCK;
	if (pool_is_full(box))
		found |= 1u << HEALTH_POOL_FULL;
	return found;
}

/* Tell of what is new; what is over needs no more than one line. */
static void
tell(const struct box *box, uint32_t before)
{
	uint32_t now = box->health.problems;

	for (unsigned int i = 0; i < HEALTH_PROBLEMS; i++)
		if ((now & ~before & (1u << i)) != 0 && i != HEALTH_STARTING)
			SL_LOG(WARNING, "health: %s: %s", problems[i].name, problems[i].text);
	if (now == 0 && before != 0 && before != 1u << HEALTH_STARTING)
		SL_LOG(NOTICE, "health: nothing is wrong any more");
}

static void
set(struct box *box, uint32_t found)
{
	struct health *h = &box->health;
	uint32_t before = h->problems;
	uint64_t now = clock_now();
	bool up;

	h->problems = found;
	if ((before & HEALTH_FATAL) != 0 && (found & HEALTH_FATAL) == 0)
		h->good = now;
	tell(box, before);
	up = (found & HEALTH_FATAL) == 0 &&
	     (h->up || now - h->good >= UINT64_C(1000) * box->config->announce.hold);
	if (up != h->up)
		h->changed = now;
	h->up = up;
}

void
health_tick(struct box *box)
{
	set(box, look(box) | (box->health.problems & 1u << HEALTH_LEAVING));
}

void
health_leave(struct box *box)
{
	set(box, box->health.problems | 1u << HEALTH_LEAVING);
}

const char *
health_state(const struct box *box)
{
	if ((box->health.problems & HEALTH_FATAL) != 0)
		return "unhealthy";
	return box->health.problems != 0 ? "degraded" : "healthy";
}

const char *
health_name(enum health_problem problem)
{
	return problems[problem].name;
}

const char *
health_text(enum health_problem problem)
{
	return problems[problem].text;
}
