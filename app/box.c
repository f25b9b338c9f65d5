/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the whole program does with its one gateway: tell the time, put a configuration
 * into force, ask a worker something.
 *
 * Time. Monotonic milliseconds that start at CLOCK_MONOTONIC and run on the TSC, by one
 * 64 x 64 -> 128 bit multiplication with a factor made at start. Before EAL knows the
 * frequency (a start-up file is read first) the system's clock answers; both agree at
 * the moment of the change.
 *
 * Configuration. Three parties must agree: the rules (sl_config_check), the workers, the
 * kernel. The kernel may refuse last, then the workers get the old one back, and so does
 * the kernel, since it may have taken half of the new one.
 *
 * Questions. A worker answers by writing into the message, whenever it comes to it. So
 * what is sent is a copy with a buffer of its own, a flight; when the asker gives up
 * after ASK_MS the flight stays on box->late until its answer is taken and thrown away.
 *
 * Control lcore only, except the clock and box_stop().
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_cycles.h>

#include "box.h"
#include "kernel.h"
#include "log.h"

#define ASK_MS 1000
#define ASK_SLEEP_US 20

/* A request under way; its address is the address of its message. */
struct flight {
	struct sl_msg msg;
	struct flight *next; /* on box->late */
	char buf[];
};

static struct {
	uint64_t factor; /* milliseconds a cycle, times 2^64 */
	uint64_t cycles, ms; /* where the count began */
} clock_base;

static uint64_t
system_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void
box_clock_init(void)
{
	unsigned __int128 one_second = (unsigned __int128)1000 << 64;

	clock_base.factor = (uint64_t)(one_second / rte_get_tsc_hz());
	clock_base.ms = system_ms();
	clock_base.cycles = rte_get_tsc_cycles();
}

uint64_t
box_ms(uint64_t cycles)
{
	unsigned __int128 passed = (unsigned __int128)(cycles - clock_base.cycles);

	return clock_base.ms + (uint64_t)((passed * clock_base.factor) >> 64);
}

uint64_t
box_now(void)
{
	return clock_base.factor == 0 ? system_ms() : box_ms(rte_get_tsc_cycles());
}

void
box_stop(struct box *box)
{
	__atomic_store_n(&box->stop, true, __ATOMIC_RELAXED);
}

bool
box_stopped(const struct box *box)
{
	return __atomic_load_n(&box->stop, __ATOMIC_RELAXED);
}

/* Back to the old configuration after the kernel refused a new one. */
static void
restore(struct box *box)
{
	char why[256] = "the workers refuse it";

	if (box->config == NULL)
		return;
	if (sl_nat_configure(box->nat, box->config) < 0 ||
		kernel_apply(box->kernel, box->config, why, sizeof(why)) < 0)
		SL_LOG(ERR, "the old configuration could not be restored: %s", why);
}

int
box_apply(struct box *box, struct sl_config *config, char *why, size_t size)
{
	int rc;

	for (enum sl_side side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		struct sl_link *link = &config->link[side];

		link->mac = box->port[side].mac;
		if (link->mtu == 0 || link->mtu > box->port[side].mtu)
			link->mtu = box->port[side].mtu;
	}
	rc = sl_config_check(config, why, size);
	if (rc < 0)
		return rc;
	rc = sl_nat_configure(box->nat, config);
	if (rc < 0) {
		snprintf(why, size, "the workers refuse it: %s", strerror(-rc));
		return rc;
	}
	rc = kernel_apply(box->kernel, config, why, size);
	if (rc < 0) {
		restore(box);
		return rc;
	}
	sl_config_destroy(box->config);
	box->config = config;
	return 0;
}

static size_t
answer_size(const struct sl_msg *msg)
{
	switch (msg->op) {
	case SL_MSG_SESSIONS:
		return msg->max * sizeof(struct sl_session);
	case SL_MSG_MAPPINGS:
		return msg->max * sizeof(struct sl_mapping);
	case SL_MSG_SUBSCRIBERS:
		return msg->max * sizeof(struct sl_subscriber);
	case SL_MSG_CLEAR:
	case SL_MSG_COUNTERS_CLEAR:
		break;
	}
	return 0;
}

/* An answer that nobody waits for any more. */
static void
discard(struct box *box, struct flight *flight)
{
	struct flight **at = &box->late;

	while (*at != NULL && *at != flight)
		at = &(*at)->next;
	if (*at != NULL)
		*at = flight->next;
	free(flight);
}

/* Wait for the answer; answers to older questions are taken away on the way. */
static int
await(struct box *box, unsigned int worker, const struct flight *flight)
{
	uint64_t deadline = box_now() + ASK_MS;

	do {
		struct sl_msg *msg;

		while ((msg = sl_msg_recv(box->nat, worker)) != NULL) {
			if (msg == &flight->msg)
				return 0;
			discard(box, (struct flight *)msg);
		}
		usleep(ASK_SLEEP_US);
	} while (box_now() < deadline && !box_stopped(box));
	return -ETIMEDOUT;
}

int
box_ask(struct box *box, unsigned int worker, struct sl_msg *msg)
{
	size_t size = answer_size(msg);
	struct flight *flight = calloc(1, sizeof(*flight) + size);
	void *buf = msg->buf;
	int rc;

	if (flight == NULL)
		return -ENOMEM;
	flight->msg = *msg;
	flight->msg.buf = flight->buf;
	rc = sl_msg_send(box->nat, worker, &flight->msg);
	if (rc < 0) {
		free(flight);
		return rc;
	}
	rc = await(box, worker, flight);
	if (rc < 0) {
		flight->next = box->late;
		box->late = flight;
		return rc;
	}
	if (size > 0)
		memcpy(buf, flight->buf, size * flight->msg.n / RTE_MAX(msg->max, 1U));
	*msg = flight->msg;
	msg->buf = buf;
	free(flight);
	return 0;
}

unsigned int
box_absorb(struct box *box)
{
	unsigned int n = 0;

	for (unsigned int i = 0; box->late != NULL && i < box->n_workers; i++) {
		struct sl_msg *msg;

		while ((msg = sl_msg_recv(box->nat, i)) != NULL) {
			discard(box, (struct flight *)msg);
			n++;
		}
	}
	return n;
}

void
box_forget(struct box *box)
{
	while (box->late != NULL) {
		struct flight *flight = box->late;

		box->late = flight->next;
		free(flight);
	}
}
