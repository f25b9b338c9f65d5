/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the control lcore does all day: gives punted packets to the kernel, asks it to
 * resolve neighbours, looks at links once a second, watches the workers, and runs the
 * event loop that everything else hangs on (TAPs, netlink, prompt, sluicectl).
 *
 * It sleeps when idle. Before it does, it says so (sl_control_asleep), looks once more
 * for what came in between, and waits at most SLEEP_MS; a worker that has put something
 * on its way wakes it by its eventfd, and only then, so that a busy box makes no system
 * calls for a control that is awake anyway.
 *
 * SIGHUP is answered between two turns: the start-up file is read again, and what is wrong with
 * it is logged.
 *
 * The end: what was recorded until then still goes to the logs, and routes of the pools are taken
 * back while a routing daemon can still tell of it, LEAVE_MS at most.
 *
 * A flow with a helper ends by an event, and that ring is another one than its packets' (punts).
 * So events are taken first, and then all punts that are there, before the events count.
 *
 * Watchdog: a worker whose loop count stands still for WATCHDOG_S looks is logged once,
 * and once more when it moves again; meanwhile "show workers" and telemetry say so.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <rte_common.h>

#include "announce.h"
#include "apply.h"
#include "cli.h"
#include "clock.h"
#include "control.h"
#include "events.h"
#include "helped.h"
#include "kernel.h"
#include "leased.h"
#include "log.h"
#include "metrics.h"
#include "poolsum.h"
#include "record.h"
#include "replug.h"
#include "report.h"
#include "service.h"
#include "statefile.h"
#include "statement.h"
#include "steer.h"
#include "worker.h"

#define BURST 64
#define SLEEP_MS 100
#define SAVING_MS 5 /* to see that the file is written */
#define PUNT_TURNS 64 /* bursts of one worker's ring, and some */
#define SECOND_MS 1000
#define WATCHDOG_S 2
#define LEAVE_MS 300
#define QUIET_MS 10

struct control {
	struct box *box;
	struct report_base base; /* of the lines of figures */
	uint64_t second; /* when each_second() last ran */
	uint64_t loops[SL_WORKERS_MAX]; /* as seen by the last look */
	unsigned int still[SL_WORKERS_MAX]; /* looks without a move */
};

/* Punted packets, one burst, or all that are there. */
static unsigned int
serve_punts(struct box *box, bool all)
{
	unsigned int n, sum = 0, turns = all ? PUNT_TURNS * box->n_workers : 1;
	struct sl_punt punt[BURST];

	do {
		n = sl_control_punts(box->nat, punt, BURST);
		for (unsigned int i = 0; i < n; i++)
			if (!helped_deliver(box, &punt[i]))
				kernel_deliver(box->kernel, &punt[i]);
		sum += n;
	} while (n == BURST && --turns > 0);
	return sum;
}

static void
serve_event(struct box *box, const struct sl_event *event)
{
	if (event->type == SL_EVENT_RESOLVE)
		kernel_resolve(box->kernel, event);
	else
		helped_event(box, event);
}

static unsigned int
serve_workers(struct box *box)
{
	struct sl_event event[BURST];
	unsigned int n_events = sl_control_events(box->nat, event, BURST);
	/* The last packets of a flow that has ended come before the event that says so. */
	unsigned int n_punts = serve_punts(box, n_events > 0);

	for (unsigned int i = 0; i < n_events; i++)
		serve_event(box, &event[i]);
	return n_punts + n_events + record_serve(box) + box_absorb(box);
}

static void
check_links(struct box *box)
{
	for (enum sl_side side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		replug_look(box, side);
		if (!port_check_link(&box->port[side]))
			continue;
		kernel_carrier(box->kernel, side, box->port[side].up);
		events_port(box, &box->port[side]);
	}
}

static void
watch_worker(struct control *control, unsigned int i)
{
	struct box *box = control->box;
	struct box_watch *watch = &box->watch[i];
	uint64_t loops = __atomic_load_n(&box->worker[i]->loops, __ATOMIC_RELAXED);

	if (loops != control->loops[i]) {
		if (control->still[i] >= WATCHDOG_S) {
			SL_LOG(NOTICE, "worker %u (lcore %u) goes on", i, box->lcore[i]);
			events_worker(box, i, false);
		}
		control->loops[i] = loops;
		control->still[i] = 0;
		__atomic_store_n(&watch->stuck, 0, __ATOMIC_RELAXED);
		return;
	}
	if (++control->still[i] < WATCHDOG_S)
		return;
	__atomic_store_n(&watch->stuck, control->still[i], __ATOMIC_RELAXED);
	if (control->still[i] > WATCHDOG_S)
		return;
	__atomic_store_n(&watch->times, watch->times + 1, __ATOMIC_RELAXED);
	events_worker(box, i, true);
	SL_LOG(ERR,
		"worker %u (lcore %u) has not moved for %u seconds; does another program have its "
		"processor?",
		i, box->lcore[i], WATCHDOG_S);
}

/* Forwards whose lifetime is over leave the configuration, and their sessions end. */
static void
expire_forwards(struct box *box)
{
	uint64_t now = clock_now();
	struct sl_config *config;
	bool over = false;
	char why[256];

	for (unsigned int i = 0; i < box->config->n_forwards; i++)
		over |= box->config->forward[i].expires != 0 &&
			box->config->forward[i].expires <= now;
	if (!over)
		return;
	config = sl_config_clone(box->config);
	if (config == NULL)
		return; /* the next second tries again; workers let nobody in meanwhile */
	config_expire(config, now);
	if (box_apply(box, config, why, sizeof(why)) != 0) {
		SL_LOG(WARNING, "forwards that are over stay: %s", why);
		sl_config_destroy(config);
	}
}

/* The loop runs a timer late when control had something else to do. */
static void
note_delay(struct control *control)
{
	uint64_t now = clock_now(), due = control->second + SECOND_MS;

	if (now > due)
		control->box->late_ms += now - due;
	control->second = now;
}

static void
each_second(void *arg)
{
	struct control *control = arg;

	note_delay(control);
	check_links(control->box);
	poolsum_turn(control->box->pools, control->box);
	steer_watch(control->box->port, control->box->nat);
	record_tick(control->box);
	expire_forwards(control->box);
	for (unsigned int i = 0; i < control->box->n_workers; i++)
		watch_worker(control, i);
	health_tick(control->box);
	announce_tick(control->box);
	service_tick(control->box);
}

static void
print_line(void *arg)
{
	struct control *control = arg;

	report_line(control->box, &control->base, stdout);
}

/* A worker woke control: the turn that follows does the work. */
static void
drain_wake(void *arg, uint32_t events)
{
	const struct lcore_worker *worker = arg;
	eventfd_t count;

	RTE_SET_USED(events);
	eventfd_read(worker->wake_fd, &count);
}

static int
watch_all(struct control *control, unsigned int stats)
{
	struct box *box = control->box;
	int rc = loop_timer(box->loop, SECOND_MS, each_second, control);

	if (rc >= 0 && stats > 0)
		rc = loop_timer(box->loop, stats * SECOND_MS, print_line, control);
	for (unsigned int i = 0; rc >= 0 && i < box->n_workers; i++)
		rc = loop_add(
			box->loop, box->worker[i]->wake_fd, EPOLLIN, drain_wake, box->worker[i]);
	return rc < 0 ? rc : 0;
}

/* Read the start-up file again; its mistakes are for the log. */
static void
reload(struct box *box)
{
	char *text = NULL, *rest, *line;
	size_t len;
	FILE *err = open_memstream(&text, &len);
	int rc = err != NULL ? statement_reload(box, err) : -ENOMEM;

	if (err != NULL)
		fclose(err);
	rest = text;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0')
			SL_LOG(ERR, "%s", line);
	free(text);
	if (rc == 0)
		SL_LOG(NOTICE, "the configuration was read again");
	else
		SL_LOG(ERR, "nothing was changed: %s", strerror(-rc));
}

/* Wait for something to do, unless there is. */
static int
sleep_until_woken(struct box *box)
{
	unsigned int next = RTE_MIN(RTE_MIN(helped_poll(box), leased_poll(box)), metrics_poll(box));
	bool saving = statefile_poll(box);
	int due = (int)RTE_MIN(next, (unsigned int)(saving ? SAVING_MS : SLEEP_MS)), rc;

	sl_control_asleep(box->nat, true);
	rc = loop_turn(box->loop, sl_control_pending(box->nat) ? 0 : due);
	sl_control_asleep(box->nat, false);
	return rc;
}

/* What the workers have recorded is to reach its collector, which may be behind this very box:
 * they and the TAPs go on until nothing more has come for a moment. */
static void
take_leave(struct box *box)
{
	uint64_t now = clock_now(), last = now, end = now + LEAVE_MS;
	bool announced = announce_walk(box, NULL, NULL) > 0;
	bool leaving = leased_leave(box) || box->config->n_sinks > 0 || announced;
	/* A routing daemon says nothing here: it has all the time that there is. */
	uint64_t quiet = announced ? LEAVE_MS : QUIET_MS;

	health_leave(box);
	announce_tick(box);
	while (leaving && now < end && now - last < quiet) {
		bool told = record_serve(box) > 0;

		if (told)
			last = now;
		serve_workers(box);
		if (loop_turn(box->loop, told ? 0 : 1) < 0)
			break;
		now = clock_now();
	}
}

int
control_run(struct box *box, unsigned int stats)
{
	struct control control = { .box = box, .second = clock_now() };
	int rc = watch_all(&control, stats);

	check_links(box);
	if (rc == 0)
		service_ready();
	while (rc == 0 && !box_stopped(box)) {
		if (box_reloads(box))
			reload(box);
		if (serve_workers(box) > 0) {
			helped_poll(box);
			leased_poll(box);
			metrics_poll(box);
			statefile_poll(box);
			rc = loop_turn(box->loop, 0);
		} else {
			rc = sleep_until_woken(box);
		}
	}
	if (rc < 0)
		SL_LOG(ERR, "control cannot go on: %s; the box ends", strerror(-rc));
	service_stopping();
	if (rc >= 0)
		take_leave(box);
	for (unsigned int i = 0; i < box->n_workers; i++)
		loop_del(box->loop, box->worker[i]->wake_fd);
	return rc;
}
