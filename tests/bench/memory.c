/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which table takes how much memory. The program is linked so that the library's calls of
 * DPDK's allocating functions come here first (ld --wrap, see meson.build); what an allocation
 * took is the difference that it makes to the heap's own statistics, so the heap's overhead and
 * what rte_hash takes inside are counted too. An entry is named after the function that asked,
 * by addr2line: no list of tables has to be kept here.
 */
#include "memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_hash.h>
#include <rte_lcore.h>
#include <rte_lpm.h>
#include <rte_malloc.h>
#include <rte_ring.h>

#define ENTRIES 256
#define NAME 64

extern const char __executable_start[]; /* the linker's */

static struct entry {
	const void *caller;
	uint64_t bytes;
	char name[NAME];
} entry[ENTRIES];
static unsigned int n_entries;
static bool counting;

static uint64_t
heap_bytes(void)
{
	struct rte_malloc_socket_stats s;
	uint64_t sum = 0;

	for (unsigned int i = 0; i < rte_socket_count(); i++)
		if (rte_malloc_get_socket_stats(rte_socket_id_by_idx(i), &s) == 0)
			sum += s.heap_allocsz_bytes;
	return sum;
}

static void
note(const void *caller, uint64_t before)
{
	unsigned int i = 0;

	while (i < n_entries && entry[i].caller != caller)
		i++;
	if (i == ENTRIES)
		return;
	n_entries = RTE_MAX(n_entries, i + 1);
	entry[i].caller = caller;
	entry[i].bytes += heap_bytes() - before;
}

/* WRAP(type, name, (parameters), (arguments)) */
#define WRAP(type, name, params, args)                                                             \
	type __real_##name params;                                                                 \
	type __wrap_##name params;                                                                 \
	type __wrap_##name params                                                                  \
	{                                                                                          \
		uint64_t before = counting ? heap_bytes() : 0;                                     \
		type made = __real_##name args;                                                    \
                                                                                                   \
		if (counting)                                                                      \
			note(__builtin_return_address(0), before);                                 \
		return made;                                                                       \
	}

WRAP(void *, rte_malloc, (const char *what, size_t size, unsigned align), (what, size, align))
WRAP(void *, rte_zmalloc, (const char *what, size_t size, unsigned align), (what, size, align))
WRAP(void *, rte_calloc, (const char *what, size_t n, size_t size, unsigned align),
	(what, n, size, align))
WRAP(void *, rte_malloc_socket, (const char *what, size_t size, unsigned align, int socket),
	(what, size, align, socket))
WRAP(void *, rte_zmalloc_socket, (const char *what, size_t size, unsigned align, int socket),
	(what, size, align, socket))
WRAP(void *, rte_calloc_socket,
	(const char *what, size_t n, size_t size, unsigned align, int socket),
	(what, n, size, align, socket))
WRAP(struct rte_hash *, rte_hash_create, (const struct rte_hash_parameters *params), (params))
WRAP(struct rte_lpm *, rte_lpm_create,
	(const char *name, int socket, const struct rte_lpm_config *config), (name, socket, config))
WRAP(struct rte_ring *, rte_ring_create_elem,
	(const char *name, unsigned size, unsigned count, int socket, unsigned flags),
	(name, size, count, socket, flags))

void
memory_begin(void)
{
	n_entries = 0;
	memset(entry, 0, sizeof(entry));
	counting = true;
}

void
memory_end(void)
{
	counting = false;
}

/* Ask addr2line for the names of the functions that the callers are in. */
static void
find_names(void)
{
	char command[64 + 20 * ENTRIES], file[256];
	int at = snprintf(command, sizeof(command), "addr2line -f -e /proc/%d/exe", getpid());
	FILE *p;

	for (unsigned int i = 0; i < n_entries; i++) {
		snprintf(entry[i].name, NAME, "%p", entry[i].caller);
		at += snprintf(command + at, sizeof(command) - (size_t)at, " %#lx",
			(unsigned long)((const char *)entry[i].caller - __executable_start) - 1);
	}
	p = popen(command, "r");
	if (p == NULL)
		return;
	for (unsigned int i = 0; i < n_entries; i++) {
		char name[NAME];

		if (fgets(name, sizeof(name), p) == NULL || fgets(file, sizeof(file), p) == NULL)
			break;
		name[strcspn(name, "\n")] = 0;
		memcpy(entry[i].name, name, sizeof(name));
	}
	pclose(p);
}

/* Callers of one function become one entry. */
static void
merge(void)
{
	for (unsigned int i = 0; i < n_entries; i++)
		for (unsigned int k = n_entries - 1; k > i; k--)
			if (strcmp(entry[i].name, entry[k].name) == 0) {
				entry[i].bytes += entry[k].bytes;
				entry[k] = entry[--n_entries];
			}
}

static int
larger(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

void
memory_report(FILE *json, uint64_t sessions, uint64_t total)
{
	uint64_t rest = total;

	find_names();
	merge();
	qsort(entry, n_entries, sizeof(*entry), larger);
	printf("memory of the library at %lu sessions: %.1f bytes a session\n",
		(unsigned long)sessions, (double)total / (double)sessions);
	if (json)
		fprintf(json, "{\"bench\":\"memory\",\"sessions\":%lu,\"bytes\":%lu,\"tables\":[",
			(unsigned long)sessions, (unsigned long)total);
	for (unsigned int i = 0; i < n_entries; i++) {
		rest -= RTE_MIN(rest, entry[i].bytes);
		printf("  %-32s %10.3f MB %8.2f bytes a session\n", entry[i].name,
			(double)entry[i].bytes / 1e6, (double)entry[i].bytes / (double)sessions);
		if (json)
			fprintf(json, "[\"%s\",%lu],", entry[i].name,
				(unsigned long)entry[i].bytes);
	}
	printf("  %-32s %10.3f MB %8.2f bytes a session\n", "other", (double)rest / 1e6,
		(double)rest / (double)sessions);
	if (json) {
		fprintf(json, "[\"other\",%lu]]}\n", (unsigned long)rest);
		fflush(json);
	}
	fflush(stdout);
}
