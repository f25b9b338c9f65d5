/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The event loop of the control lcore: descriptors by epoll, timers by the time that
 * epoll may wait. A box has a handful of each, so both are plain lists.
 *
 * Life-cycle: a watch or a timer may be ended from inside any callback, also its own.
 * epoll may have reported an event for a watch that ends before its turn comes, even
 * when its descriptor number is already in use again; therefore an ended watch is only
 * marked, skipped when its event comes up, and freed after the turn.
 *
 * Everything here belongs to one thread. Time is CLOCK_MONOTONIC in milliseconds. A
 * timer that is late does not catch up: it runs once and is due one period later.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"

#define EVENTS_MAX 64

struct watch {
	LIST_ENTRY(watch) next;
	int fd;
	uint32_t events;
	bool ended;
	uint64_t rests; /* until then; 0: it does not */
	loop_fd_fn *fn;
	void *arg;
};

struct timer {
	LIST_ENTRY(timer) next;
	int id;
	bool ended;
	unsigned int period;
	uint64_t due;
	loop_timer_fn *fn;
	void *arg;
};

struct loop {
	int epoll;
	int last_id; /* of a timer */
	LIST_HEAD(watches, watch) watches;
	LIST_HEAD(timers, timer) timers;
};

static uint64_t
monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static struct watch *
find_watch(struct loop *loop, int fd)
{
	struct watch *watch;

	LIST_FOREACH(watch, &loop->watches, next) {
		if (watch->fd == fd && !watch->ended)
			return watch;
	}
	return NULL;
}

struct loop *
loop_create(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL)
		return NULL;
	LIST_INIT(&loop->watches);
	LIST_INIT(&loop->timers);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0) {
		free(loop);
		return NULL;
	}
	return loop;
}

int
loop_add(struct loop *loop, int fd, uint32_t events, loop_fd_fn *fn, void *arg)
{
	struct epoll_event event = { .events = events };
	struct watch *watch;

	if (find_watch(loop, fd) != NULL)
		return -EEXIST;
	watch = calloc(1, sizeof(*watch));
	if (watch == NULL)
		return -ENOMEM;
	watch->fd = fd;
	watch->events = events;
	watch->fn = fn;
	watch->arg = arg;
	event.data.ptr = watch;
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
		int rc = -errno;

		free(watch);
		return rc;
	}
	LIST_INSERT_HEAD(&loop->watches, watch, next);
	return 0;
}

/* What epoll is to report of a watch from now on. */
static int
report(struct loop *loop, struct watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	return epoll_ctl(loop->epoll, EPOLL_CTL_MOD, watch->fd, &event) < 0 ? -errno : 0;
}

int
loop_mod(struct loop *loop, int fd, uint32_t events)
{
	struct watch *watch = find_watch(loop, fd);

	if (watch == NULL)
		return -ENOENT;
	watch->events = events;
	return watch->rests != 0 ? 0 : report(loop, watch, events);
}

void
loop_rest(struct loop *loop, int fd, unsigned int ms)
{
	struct watch *watch = find_watch(loop, fd);

	if (watch != NULL && report(loop, watch, 0) == 0)
		watch->rests = monotonic_ms() + ms;
}

void
loop_del(struct loop *loop, int fd)
{
	struct watch *watch = find_watch(loop, fd);

	if (watch == NULL)
		return;
	/* Fails only when fd was closed first, which has ended the watch as well. */
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
	watch->ended = true;
}

int
loop_timer(struct loop *loop, unsigned int ms, loop_timer_fn *fn, void *arg)
{
	struct timer *timer = calloc(1, sizeof(*timer));

	if (timer == NULL)
		return -ENOMEM;
	timer->id = ++loop->last_id;
	timer->period = ms;
	timer->due = monotonic_ms() + ms;
	timer->fn = fn;
	timer->arg = arg;
	LIST_INSERT_HEAD(&loop->timers, timer, next);
	return timer->id;
}

void
loop_timer_del(struct loop *loop, int id)
{
	struct timer *timer;

	LIST_FOREACH(timer, &loop->timers, next) {
		if (timer->id == id)
			timer->ended = true;
	}
}

/* Shorten a wait of ms (-1: for ever) to what is due at a time. */
static int
shorten(int ms, uint64_t now, uint64_t due)
{
	uint64_t left = due > now ? due - now : 0;

	return ms < 0 || left < (uint64_t)ms ? (int)left : ms;
}

static int
wait_until_due(const struct loop *loop, int ms)
{
	uint64_t now = monotonic_ms();
	const struct timer *timer;
	const struct watch *watch;

	LIST_FOREACH(timer, &loop->timers, next) {
		if (!timer->ended)
			ms = shorten(ms, now, timer->due);
	}
	LIST_FOREACH(watch, &loop->watches, next) {
		if (watch->rests != 0 && !watch->ended)
			ms = shorten(ms, now, watch->rests);
	}
	return ms;
}

static void
end_rests(struct loop *loop)
{
	uint64_t now = monotonic_ms();
	struct watch *watch;

	LIST_FOREACH(watch, &loop->watches, next) {
		if (watch->rests == 0 || watch->rests > now || watch->ended)
			continue;
		watch->rests = 0;
		report(loop, watch, watch->events);
	}
}

static void
run_timers(struct loop *loop)
{
	uint64_t now = monotonic_ms();
	struct timer *timer;

	LIST_FOREACH(timer, &loop->timers, next) {
		if (timer->ended || timer->due > now)
			continue;
		timer->due += timer->period;
		if (timer->due <= now)
			timer->due = now + timer->period;
		timer->fn(timer->arg);
	}
}

/* Free what has ended; all of it when the loop itself ends. */
static void
sweep(struct loop *loop, bool all)
{
	struct watch *watch = LIST_FIRST(&loop->watches);
	struct timer *timer = LIST_FIRST(&loop->timers);

	while (watch != NULL) {
		struct watch *next = LIST_NEXT(watch, next);

		if (all || watch->ended) {
			LIST_REMOVE(watch, next);
			free(watch);
		}
		watch = next;
	}
	while (timer != NULL) {
		struct timer *next = LIST_NEXT(timer, next);

		if (all || timer->ended) {
			LIST_REMOVE(timer, next);
			free(timer);
		}
		timer = next;
	}
}

int
loop_turn(struct loop *loop, int ms)
{
	struct epoll_event event[EVENTS_MAX];
	int n = epoll_wait(loop->epoll, event, EVENTS_MAX, wait_until_due(loop, ms));

	if (n < 0 && errno != EINTR)
		return -errno;
	for (int i = 0; i < n; i++) {
		struct watch *watch = event[i].data.ptr;

		if (!watch->ended)
			watch->fn(watch->arg, event[i].events);
	}
	run_timers(loop);
	end_rests(loop);
	sweep(loop, false);
	return 0;
}

void
loop_destroy(struct loop *loop)
{
	if (loop == NULL)
		return;
	sweep(loop, true);
	close(loop->epoll);
	free(loop);
}
