/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A worker: takes packets from both ports, runs them through the library, sends what
 * comes out. One lcore each, to completion, without system calls or locks between RX
 * and TX; time is read once a loop.
 *
 * Queues. Worker i uses queue i of each port. Where a port has fewer RX queues, the
 * workers beyond them do not poll it: the library hands them what they own. Where it has
 * fewer TX queues, worker i lends its packets to worker i % n_txq over a ring with one
 * producer and one consumer, which sends them from its own queue; a queue is never
 * shared. Packets of one flow leave one worker, so they stay in order either way. A lent
 * packet counts as sent or refused at the worker that has the queue.
 *
 * Idle. A worker alone on its processor spins. Where lcores share a processor (box->yield)
 * an idle loop gives way to the others, and after IDLE_LONG_MS without any work it sleeps
 * for NAP_US between two looks, so that an idle gateway leaves the machine to others. Who gives
 * way to a busy program waits until that has used its time, which is milliseconds; who wakes is
 * let in at once. So when giving way has taken CROWD_US, the loop sleeps instead for CROWD_MS.
 *
 * The structure is made by control on the worker's NUMA node; from launch to end only
 * the worker writes it, and control reads the figures.
 */
#include <errno.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_pause.h>

#include "box.h"
#include "clock.h"
#include "worker.h"

#define BURST 32
#define TX_TRIES 4
#define IDLE_LONG_MS 10
#define NAP_US 50
#define CROWD_US 500
#define CROWD_MS 100

struct lcore_worker *
worker_create(struct box *box, unsigned int index)
{
	struct lcore_worker *self = rte_zmalloc_socket(
		"worker", sizeof(*self), RTE_CACHE_LINE_SIZE, box->socket[index]);

	if (self == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	self->box = box;
	self->index = index;
	self->nat = sl_nat_worker(box->nat, index);
	self->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (self->wake_fd < 0) {
		rte_errno = errno;
		rte_free(self);
		return NULL;
	}
	return self;
}

static inline bool
is_gone(const struct port *port)
{
	return __atomic_load_n(&port->gone, __ATOMIC_ACQUIRE);
}

/* Packets from one port into the library. */
static inline unsigned int
receive(struct lcore_worker *self, enum sl_side side, uint64_t now)
{
	const struct port *port = &self->box->port[side];
	struct rte_mbuf *m[BURST];
	unsigned int n;

	if (self->index >= port->n_rxq || is_gone(port))
		return 0;
	n = rte_eth_rx_burst(port->id, (uint16_t)self->index, m, BURST);
	if (n > 0)
		sl_worker_receive(self->nat, side, m, n, now, &self->out);
	return n;
}

/* Packets into this worker's own TX queue; what the port keeps refusing is freed. */
static void
push(struct lcore_worker *self, enum sl_side side, struct rte_mbuf **m, unsigned int n)
{
	const struct port *port = &self->box->port[side];
	unsigned int sent = 0;

	for (int tries = 0; sent < n && tries < TX_TRIES && !is_gone(port); tries++)
		sent += rte_eth_tx_burst(
			port->id, (uint16_t)self->index, m + sent, (uint16_t)(n - sent));
	if (sent < n)
		rte_pktmbuf_free_bulk(m + sent, n - sent);
	sl_worker_sent(self->nat, side, sent, n - sent);
}

/* What the library wants sent on one side: to the queue, or to the worker that has one. */
static inline void
send_out(struct lcore_worker *self, enum sl_side side)
{
	struct rte_ring *lend = self->box->port[side].lend[self->index];
	struct rte_mbuf **m = self->out.m[side];
	unsigned int n = self->out.n[side];
	unsigned int lent;

	if (n == 0)
		return;
	self->out.n[side] = 0;
	if (lend == NULL) {
		push(self, side, m, n);
		return;
	}
	lent = rte_ring_sp_enqueue_burst(lend, (void **)m, n, NULL);
	if (lent < n) {
		rte_pktmbuf_free_bulk(m + lent, n - lent);
		sl_worker_sent(self->nat, side, 0, n - lent);
	}
}

/* Send for the workers that have no TX queue on this port. */
static inline unsigned int
send_lent(struct lcore_worker *self, enum sl_side side)
{
	const struct port *port = &self->box->port[side];
	struct rte_mbuf *m[BURST];
	unsigned int done = 0;

	if (self->index >= port->n_txq)
		return 0;
	for (unsigned int i = self->index + port->n_txq; i < port->n_workers; i += port->n_txq) {
		unsigned int n = rte_ring_sc_dequeue_burst(port->lend[i], (void **)m, BURST, NULL);

		if (n > 0)
			push(self, side, m, n);
		done += n;
	}
	return done;
}

/* Nothing to do: spin, give way, or sleep shortly, as the head of this file says. */
static void
rest(struct lcore_worker *self, uint64_t cycles)
{
	const struct timespec nap = { .tv_nsec = NAP_US * 1000 };
	uint64_t ms, after;

	if (!self->box->yield) {
		rte_pause();
		return;
	}
	ms = rte_get_tsc_hz() / 1000;
	if (cycles - self->busy_until >= IDLE_LONG_MS * ms || cycles < self->crowded_until) {
		nanosleep(&nap, NULL);
		return;
	}
	sched_yield();
	after = rte_get_tsc_cycles();
	if (after - cycles > ms * CROWD_US / 1000)
		self->crowded_until = after + CROWD_MS * ms;
}

/* One loop; returns how much there was to do. */
static inline unsigned int
turn(struct lcore_worker *self, uint64_t now)
{
	unsigned int work = receive(self, SL_INSIDE, now);

	work += receive(self, SL_OUTSIDE, now);
	work += sl_worker_poll(self->nat, now, &self->out);
	send_out(self, SL_INSIDE);
	send_out(self, SL_OUTSIDE);
	work += send_lent(self, SL_INSIDE);
	work += send_lent(self, SL_OUTSIDE);
	return work;
}

int
worker_main(void *arg)
{
	struct lcore_worker *self = arg;
	uint64_t cycles = rte_get_tsc_cycles();

	/* Naps are to last what they say, not the kernel's 50 us more. */
	prctl(PR_SET_TIMERSLACK, 1000UL);
	self->busy_until = cycles;
	sl_worker_online(self->nat);
	while (!box_halted(self->box)) {
		unsigned int work = turn(self, clock_ms(cycles));
		uint64_t begin = cycles;

		if (sl_worker_woke_control(self->nat))
			eventfd_write(self->wake_fd, 1);
		if (work == 0)
			rest(self, begin);
		cycles = rte_get_tsc_cycles();
		self->loops++;
		if (work == 0) {
			self->idle_cycles += cycles - begin;
		} else {
			self->busy_loops++;
			self->busy_cycles += cycles - begin;
			self->busy_until = cycles;
		}
	}
	sl_worker_offline(self->nat);
	return 0;
}

/* What this worker lent and the other had no time to send. */
static void
return_lent(struct lcore_worker *self, enum sl_side side)
{
	struct port *port = &self->box->port[side];
	struct rte_ring *lend = port->lend[self->index];
	struct rte_mbuf *m[BURST];
	unsigned int n;

	if (lend == NULL)
		return;
	while ((n = rte_ring_sc_dequeue_burst(lend, (void **)m, BURST, NULL)) > 0) {
		rte_pktmbuf_free_bulk(m, n);
		sl_worker_sent(self->nat, side, 0, n);
	}
}

void
worker_end(struct lcore_worker *self)
{
	return_lent(self, SL_INSIDE);
	return_lent(self, SL_OUTSIDE);
}

void
worker_destroy(struct lcore_worker *self)
{
	if (self == NULL)
		return;
	close(self->wake_fd);
	rte_free(self);
}
