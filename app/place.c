/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Who works where: lcores become workers, each gets its memory on the NUMA node of its
 * processor.
 *
 * Control is the main lcore, every other lcore of EAL is a worker, in EAL's order. The
 * node of a processor comes from libnuma; where the kernel knows no nodes, EAL's own
 * answer is taken, and where the node has no memory left any other will do.
 *
 * Lcores may share a processor (--lcores 0@0,1@1,2@1, or lab machines with two cores).
 * That shows in overlapping CPU sets and makes idle workers give way, see worker.c.
 */
#include <errno.h>
#include <numa.h>
#include <sched.h>
#include <stdio.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "log.h"
#include "place.h"

#define MBUF_CACHE 256
#define MBUFS_MIN 8192

/* First processor of an lcore, or -1. */
static int
first_cpu(unsigned int lcore)
{
	rte_cpuset_t set = rte_lcore_cpuset(lcore);

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set))
			return cpu;
	}
	return -1;
}

static int
node_of(unsigned int lcore)
{
	int cpu = first_cpu(lcore);
	int node = numa_available() >= 0 && cpu >= 0 ? numa_node_of_cpu(cpu) : -1;

	return node >= 0 ? node : (int)rte_lcore_to_socket_id(lcore);
}

static bool
lcores_share(void)
{
	unsigned int a, b;

	RTE_LCORE_FOREACH(a)
	{
		for (b = rte_get_next_lcore(a, 0, 0); b < RTE_MAX_LCORE;
			b = rte_get_next_lcore(b, 0, 0)) {
			rte_cpuset_t set_a = rte_lcore_cpuset(a), set_b = rte_lcore_cpuset(b);

			CPU_AND(&set_a, &set_a, &set_b);
			if (CPU_COUNT(&set_a) > 0)
				return true;
		}
	}
	return false;
}

int
place_workers(struct box *box, enum place_yield yield)
{
	unsigned int lcore;

	box->n_workers = 0;
	RTE_LCORE_FOREACH_WORKER(lcore) {
		if (box->n_workers == SL_WORKERS_MAX) {
			SL_LOG(ERR, "more than %u workers: give fewer lcores by -l",
				SL_WORKERS_MAX);
			return -E2BIG;
		}
		box->lcore[box->n_workers] = lcore;
		box->socket[box->n_workers] = node_of(lcore);
		box->n_workers++;
	}
	if (box->n_workers == 0) {
		SL_LOG(ERR,
			"one lcore is not enough: the first is for control, each further one is a "
			"worker; start with -l 0,1 (or --lcores '0@0,1@0' on one processor)");
		return -EINVAL;
	}
	box->yield = yield == PLACE_YIELD_ON || (yield == PLACE_YIELD_AUTO && lcores_share());
	SL_LOG(INFO, "control on lcore %u, %u worker%s%s", rte_get_main_lcore(), box->n_workers,
		box->n_workers == 1 ? "" : "s",
		box->yield ? "; idle workers give way to others on their processor" : "");
	return 0;
}

/* A pool of 2^k - 1 packets fits its ring best. */
static unsigned int
pool_size(const struct box *box, unsigned int n_mbufs, unsigned int n_desc)
{
	unsigned int n = n_mbufs / box->n_workers;

	if (n_mbufs == 0) {
		/* Queues, what lies in the library's rings and leaves in one loop, caches. */
		n = n_desc + 2 * 2048 + 2 * SL_OUT_MAX + 2 * MBUF_CACHE;
		n = rte_align32pow2(RTE_MAX(n, (unsigned int)MBUFS_MIN)) - 1;
	}
	return n;
}

int
place_pools(struct box *box, unsigned int n_mbufs, unsigned int n_desc, unsigned int size)
{
	uint16_t room = (uint16_t)(size + RTE_PKTMBUF_HEADROOM);
	unsigned int n = pool_size(box, n_mbufs, n_desc);
	char name[RTE_MEMPOOL_NAMESIZE];

	for (unsigned int i = 0; i < box->n_workers; i++) {
		snprintf(name, sizeof(name), "packets-%u", i);
		box->pool[i] =
			rte_pktmbuf_pool_create(name, n, MBUF_CACHE, 0, room, box->socket[i]);
		if (box->pool[i] == NULL && rte_errno == ENOMEM)
			box->pool[i] = rte_pktmbuf_pool_create(
				name, n, MBUF_CACHE, 0, room, SOCKET_ID_ANY);
		if (box->pool[i] == NULL) {
			SL_LOG(ERR,
				"no pool of %u mbufs of %u bytes for worker %u: %s; give EAL more "
				"memory (-m) or take fewer by --mbufs",
				n, room, i, rte_strerror(rte_errno));
			return -rte_errno;
		}
	}
	return 0;
}

static void
check_port(const struct box *box, const struct port *port)
{
	unsigned int n = RTE_MAX(port->n_rxq, port->n_txq);

	if (port->socket < 0)
		return;
	for (unsigned int i = 0; i < n && i < box->n_workers; i++) {
		if (box->socket[i] >= 0 && box->socket[i] != port->socket)
			SL_LOG(WARNING,
				"%s is on NUMA node %d, worker %u (lcore %u) that polls it on "
				"node %d: slower than need be",
				port->name, port->socket, i, box->lcore[i], box->socket[i]);
	}
}

void
place_check_ports(const struct box *box)
{
	check_port(box, &box->port[SL_INSIDE]);
	check_port(box, &box->port[SL_OUTSIDE]);
}

void
place_free(struct box *box)
{
	for (unsigned int i = 0; i < box->n_workers; i++) {
		rte_mempool_free(box->pool[i]);
		box->pool[i] = NULL;
	}
}
