/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The places of tenants and pools in a configuration.
 *
 * A session says by index whose it is, on every worker, and lives on when the configuration
 * changes. So nothing may move: who is removed leaves a hole, which the library takes for
 * absent, and who comes takes a place that no session has ever meant. Only when all SLOTS
 * have been used is a hole filled again, the oldest one, whose sessions are long gone.
 *
 * A hole keeps its age, the number of holes made after it, in a field that means nothing
 * there. Since the oldest hole is filled first, no age exceeds the number of places.
 *
 * A file knows names only. slots_align() moves what it has to where the same names are now,
 * so that loading a file is no different from typing what it changes.
 *
 * Control lcore only.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "slots.h"

#define SLOTS UINT8_MAX /* tenants that the library can tell apart; as many pools */

/* Tenants and pools have in common: a name at the beginning, and an age as a hole. */
struct kind {
	size_t size;
	uint32_t (*age)(const void *hole);
	void (*set_age)(void *hole, uint32_t age);
};

static uint32_t
tenant_age(const void *hole)
{
	return ((const struct sl_tenant *)hole)->limits.rate;
}

static void
tenant_set_age(void *hole, uint32_t age)
{
	((struct sl_tenant *)hole)->limits.rate = age;
}

static uint32_t
pool_age(const void *hole)
{
	return ((const struct sl_pool *)hole)->port_min;
}

static void
pool_set_age(void *hole, uint32_t age)
{
	((struct sl_pool *)hole)->port_min = (uint16_t)age;
}

static const struct kind tenants = { sizeof(struct sl_tenant), tenant_age, tenant_set_age };
static const struct kind pools = { sizeof(struct sl_pool), pool_age, pool_set_age };

_Static_assert(offsetof(struct sl_tenant, name) == 0 && offsetof(struct sl_pool, name) == 0,
	"both begin with their name");

static char *
name_at(const struct kind *kind, const void *array, unsigned int i)
{
	return (char *)(uintptr_t)array + i * kind->size;
}

static int
find(const struct kind *kind, const void *array, unsigned int n, const char *name)
{
	for (unsigned int i = 0; i < n && name[0] != '\0'; i++)
		if (strcmp(name_at(kind, array, i), name) == 0)
			return (int)i;
	return -1;
}

/* A place for one more among n, of which n itself is one; or -ENOSPC. */
static int
find_place(const struct kind *kind, const void *array, unsigned int n)
{
	int best = -ENOSPC;

	if (n < SLOTS)
		return (int)n;
	for (unsigned int i = 0; i < n; i++) {
		const char *one = name_at(kind, array, i);

		if (one[0] == '\0' && (best < 0 || kind->age(one) > kind->age(name_at(kind, array,
									    (unsigned int)best))))
			best = (int)i;
	}
	return best;
}

/* Make an entry a hole; what it owned is free already. */
static void
make_hole(const struct kind *kind, void *array, unsigned int n, unsigned int gone)
{
	for (unsigned int i = 0; i < n; i++) {
		char *one = name_at(kind, array, i);

		if (one[0] == '\0')
			kind->set_age(one, kind->age(one) + 1);
	}
	memset(name_at(kind, array, gone), 0, kind->size);
}

/* array is the address of the configuration's pointer, as for array_add(). */
static int
add(const struct kind *kind, void *array, unsigned int *n, const void *element)
{
	int at;
	void *old;
	int rc;

	memcpy(&old, array, sizeof(old));
	at = find_place(kind, old, *n);
	if (at < 0)
		return at;
	if ((unsigned int)at < *n) {
		memcpy(name_at(kind, old, (unsigned int)at), element, kind->size);
		return at;
	}
	rc = array_add(array, n, kind->size, element);
	return rc < 0 ? rc : at;
}

int
slots_find_tenant(const struct sl_config *config, const char *name)
{
	return find(&tenants, config->tenant, config->n_tenants, name);
}

int
slots_find_pool(const struct sl_config *config, const char *name)
{
	return find(&pools, config->pool, config->n_pools, name);
}

int
slots_nat64(const struct sl_config *config, unsigned int tenant)
{
	for (unsigned int i = 0; i < config->n_nat64; i++)
		if (config->nat64[i].prefix.plen != 0 && config->nat64[i].tenant == tenant)
			return (int)i;
	return -1;
}

unsigned int
slots_first_pool(const struct sl_config *config)
{
	for (unsigned int i = 0; i < config->n_pools; i++)
		if (!slots_no_pool(config, i))
			return i;
	return 0;
}

int
slots_add_tenant(struct sl_config *config, const struct sl_tenant *tenant)
{
	return add(&tenants, &config->tenant, &config->n_tenants, tenant);
}

int
slots_add_pool(struct sl_config *config, const struct sl_pool *pool)
{
	return add(&pools, &config->pool, &config->n_pools, pool);
}

void
slots_del_tenant(struct sl_config *config, unsigned int i)
{
	free(config->tenant[i].addr);
	free(config->tenant[i].addr6);
	make_hole(&tenants, config->tenant, config->n_tenants, i);
}

void
slots_del_pool(struct sl_config *config, unsigned int i)
{
	free(config->pool[i].range);
	make_hole(&pools, config->pool, config->n_pools, i);
	if (!slots_no_pool(config, slots_first_pool(config)))
		return;
	config->n_pools = 0;
	for (unsigned int t = 0; t < config->n_tenants; t++)
		config->tenant[t].pool = 0;
}

/*
 * Lay out what is in *array as it is in old: the same names at the same places, holes where
 * names are missing, what is new behind. map gets the new place of each.
 */
static int
lay_out(const struct kind *kind, void *array, unsigned int *n, const void *old, unsigned int n_old,
	unsigned int *map)
{
	unsigned int n_new = *n, n_out = n_old;
	char *from, *out = calloc(SLOTS, kind->size);
	int rc = 0;

	if (out == NULL || n_old > SLOTS || n_new > SLOTS) {
		free(out);
		return -ENOMEM;
	}
	memcpy(&from, array, sizeof(from));
	for (unsigned int i = 0; i < n_old; i++) {
		const char *name = name_at(kind, old, i);

		if (name[0] == '\0')
			kind->set_age(name_at(kind, out, i), kind->age(name));
		else if (find(kind, from, n_new, name) >= 0)
			memcpy(name_at(kind, out, i), name, SL_NAME_MAX);
	}
	for (unsigned int i = 0; i < n_old; i++) {
		if (name_at(kind, old, i)[0] != '\0' && name_at(kind, out, i)[0] == '\0')
			make_hole(kind, out, n_old, i);
	}
	for (unsigned int i = 0; i < n_new && rc >= 0; i++) {
		rc = find(kind, out, n_out, name_at(kind, from, i));
		if (rc < 0)
			rc = find_place(kind, out, n_out);
		if (rc < 0)
			break;
		map[i] = (unsigned int)rc;
		n_out = RTE_MAX(n_out, map[i] + 1);
		memcpy(name_at(kind, out, map[i]), name_at(kind, from, i), kind->size);
	}
	if (rc < 0) {
		free(out);
		return rc;
	}
	free(from);
	memcpy(array, &out, sizeof(out));
	*n = n_out;
	return 0;
}

/* Where a NAT64 prefix is in force, or -1. */
static int
find_nat64(const struct sl_config *running, const struct sl_nat64 *new)
{
	for (unsigned int i = 0; i < running->n_nat64; i++) {
		const struct sl_nat64 *old = &running->nat64[i];

		if (old->prefix.plen == new->prefix.plen &&
			old->tenant ==
				new->tenant &&memcmp(&old->prefix.addr, &new->prefix.addr,
					sizeof(new->prefix.addr)) == 0)
			return (int)i;
	}
	return -1;
}

/* Hosts go by the index of their prefix: those that stay keep theirs, others fill holes. */
static int
align_nat64(struct sl_config *config, const struct sl_config *running)
{
	unsigned int n = running->n_nat64 + config->n_nat64, hole = 0, used = 0, *map;
	struct sl_nat64 *out = calloc(n + 1, sizeof(*out));

	map = calloc(config->n_nat64 + 1, sizeof(*map));
	if (out == NULL || map == NULL) {
		free(out);
		free(map);
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < config->n_nat64; i++) {
		int at = find_nat64(running, &config->nat64[i]);

		map[i] = at < 0 ? n : (unsigned int)at;
		if (at >= 0)
			out[at] = config->nat64[i];
	}
	for (unsigned int i = 0; i < config->n_nat64; i++) {
		while (map[i] == n && out[hole].prefix.plen != 0)
			hole++;
		map[i] = map[i] == n ? hole : map[i];
		out[map[i]] = config->nat64[i];
		used = RTE_MAX(used, map[i] + 1);
	}
	for (unsigned int i = 0; i < config->n_forwards; i++)
		if (config->forward[i].six)
			config->forward[i].nat64 = map[config->forward[i].nat64];
	free(map);
	free(config->nat64);
	config->nat64 = out;
	config->n_nat64 = used;
	return 0;
}

int
slots_align(struct sl_config *config, const struct sl_config *running)
{
	unsigned int pool_map[SLOTS] = { 0 }, tenant_map[SLOTS] = { 0 };
	int rc = 0;

	if (config->n_pools > 0)
		rc = lay_out(&pools, &config->pool, &config->n_pools, running->pool,
			running->n_pools, pool_map);
	for (unsigned int i = 0; rc == 0 && i < config->n_tenants; i++)
		config->tenant[i].pool = pool_map[config->tenant[i].pool];
	if (rc == 0)
		rc = lay_out(&tenants, &config->tenant, &config->n_tenants, running->tenant,
			running->n_tenants, tenant_map);
	for (unsigned int i = 0; rc == 0 && i < config->n_forwards; i++)
		config->forward[i].tenant = tenant_map[config->forward[i].tenant];
	for (unsigned int i = 0; rc == 0 && i < config->n_routes; i++)
		config->route[i].tenant = tenant_map[config->route[i].tenant];
	for (unsigned int i = 0; rc == 0 && i < config->n_nat64; i++)
		config->nat64[i].tenant = tenant_map[config->nat64[i].tenant];
	return rc == 0 && config->n_nat64 > 0 ? align_nat64(config, running) : rc;
}
