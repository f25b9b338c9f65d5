/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A virtual machine's host moves its processors about. While the generator's and the device's
 * share no third-level cache, a cache line takes several times as long between them and the
 * device forwards less than half. So mixblast, as pktblast does, times a line's round trips to
 * the device's CPU before and after each slice of time, and counts only slices that were near
 * at both ends. The thread at the other end sleeps in between; it runs with real-time priority
 * for some microseconds, outside the slices.
 */
#include "mixplace.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_cycles.h>

#define TRIPS 200

static struct {
	uint32_t line __rte_cache_aligned;
	bool ready __rte_cache_aligned;
	sem_t go __rte_cache_aligned;
	double near_ns;
	bool off;
} place;

static inline uint32_t
line_now(void)
{
	return __atomic_load_n(&place.line, __ATOMIC_ACQUIRE);
}

static inline void
line_set(uint32_t v)
{
	__atomic_store_n(&place.line, v, __ATOMIC_RELEASE);
}

/* Wait until the line has this value, a hundredth of a second at most. */
static bool
line_wait(uint32_t v, uint64_t since)
{
	while (line_now() != v)
		if (rte_rdtsc() - since > rte_get_tsc_hz() / 100)
			return false;
	return true;
}

static void *
other_end(void *arg)
{
	(void)arg;
	for (;;) {
		uint64_t t0;

		while (sem_wait(&place.go) != 0)
			;
		__atomic_store_n(&place.ready, true, __ATOMIC_RELEASE);
		t0 = rte_rdtsc();
		for (uint32_t i = 1; i <= TRIPS && line_wait(2 * i - 1, t0); i++)
			line_set(2 * i);
	}
	return NULL;
}

void
mix_place_start(int peer_cpu, double near_ns)
{
	const struct sched_param sp = { .sched_priority = 20 };
	pthread_attr_t a;
	pthread_t t;
	cpu_set_t cpu;

	place.near_ns = near_ns;
	place.off = peer_cpu < 0;
	if (place.off)
		return;
	CPU_ZERO(&cpu);
	CPU_SET((unsigned int)peer_cpu, &cpu);
	sem_init(&place.go, 0, 0);
	pthread_attr_init(&a);
	pthread_attr_setaffinity_np(&a, sizeof(cpu), &cpu);
	pthread_attr_setinheritsched(&a, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&a, SCHED_FIFO);
	pthread_attr_setschedparam(&a, &sp);
	place.off = pthread_create(&t, &a, other_end, NULL) != 0;
}

enum mix_place
mix_place_now(void)
{
	uint64_t t0, t1 = 0;

	if (place.off)
		return MIX_NEAR;
	__atomic_store_n(&place.ready, false, __ATOMIC_RELEASE);
	line_set(0);
	sem_post(&place.go);
	t0 = rte_rdtsc();
	while (!__atomic_load_n(&place.ready, __ATOMIC_ACQUIRE))
		if (rte_rdtsc() - t0 > rte_get_tsc_hz() / 50)
			return MIX_UNKNOWN;
	t0 = rte_rdtsc();
	for (uint32_t i = 1; i <= TRIPS; i++) {
		/* the first quarter is for waking up */
		if (i == TRIPS / 4)
			t1 = rte_rdtsc();
		line_set(2 * i - 1);
		if (!line_wait(2 * i, t0))
			return MIX_UNKNOWN;
	}
	return (double)(rte_rdtsc() - t1) * 1e9 / (double)rte_get_tsc_hz() /
				       (TRIPS - TRIPS / 4 + 1) <=
			       place.near_ns
		       ? MIX_NEAR
		       : MIX_FAR;
}
