/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Streams made and ended. All memory is taken at the start: the streams themselves, and chunks
 * for the bytes that outlive their packets, shared by all streams and counted for each. Nothing
 * is taken later, so a stream that is there works to its end, and what it cannot have it does
 * without (stream_cut.c). Control only.
 */
#include <errno.h>

#include <rte_errno.h>
#include <rte_malloc.h>

#include "stream_order.h"

static int
take_memory(struct sl_streams *all, uint64_t bytes, int socket)
{
	uint32_t n = (uint32_t)RTE_MIN(bytes / SL_CHUNK_BYTES, UINT32_MAX / 2);

	all->stream = rte_zmalloc_socket(
		"sluice streams", sizeof(*all->stream) * all->max, RTE_CACHE_LINE_SIZE, socket);
	all->chunk = rte_malloc_socket(
		"sluice streams", sizeof(*all->chunk) * n, RTE_CACHE_LINE_SIZE, socket);
	if (all->stream == NULL || all->chunk == NULL)
		return -ENOMEM;
	for (uint32_t i = n; i-- > 0;) {
		all->chunk[i].next = all->free_chunk;
		all->free_chunk = &all->chunk[i];
	}
	all->n_free_chunks = n;
	for (uint32_t i = all->max; i-- > 0;)
		LIST_INSERT_HEAD(&all->free, &all->stream[i], link);
	return 0;
}

struct sl_streams *
sl_streams_create(const struct sl_streams_params *params)
{
	struct sl_streams *all =
		rte_zmalloc_socket("sluice streams", sizeof(*all), 0, params->socket);
	uint32_t each = params->bytes_each != 0 ? params->bytes_each : 65536;
	uint64_t bytes = params->bytes_all;

	if (all == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	all->pool = params->pool;
	all->max = params->max != 0 ? params->max : 1024;
	all->queued_all = params->queued_all != 0 ? params->queued_all : 512;
	all->chunks_each = RTE_MAX(each / SL_CHUNK_BYTES, 1u);
	if (bytes == 0)
		bytes = RTE_MAX(all->max * UINT64_C(2048), UINT64_C(1) << 20);
	if (take_memory(all, bytes, params->socket) != 0) {
		sl_streams_destroy(all);
		rte_errno = ENOMEM;
		return NULL;
	}
	return all;
}

void
sl_streams_destroy(struct sl_streams *all)
{
	if (all == NULL)
		return;
	for (uint32_t i = 0; all->stream != NULL && i < all->max; i++)
		for (int side = 0; side < 2; side++)
			sl_order_drop(&all->stream[i], &all->stream[i].half[side]);
	rte_free(all->stream);
	rte_free(all->chunk);
	rte_free(all);
}

const struct sl_streams_count *
sl_streams_count(const struct sl_streams *all)
{
	return &all->count;
}

struct sl_stream *
sl_stream_begin(
	struct sl_streams *all, const struct sl_stream_ops *ops, void *arg, const uint16_t mtu[2])
{
	struct sl_stream *s = LIST_FIRST(&all->free);

	if (s == NULL)
		return NULL;
	LIST_REMOVE(s, link);
	memset(s, 0, sizeof(*s));
	s->all = all;
	s->ops = ops;
	s->arg = arg;
	for (int side = 0; side < 2; side++)
		s->mtu[side] = mtu[side] != 0 ? mtu[side] : 1500;
	return s;
}

void
sl_stream_end(struct sl_stream *s)
{
	for (int side = 0; side < 2; side++) {
		sl_half_empty(s, &s->half[side]);
		sl_half_restart(s, &s->half[side], 0);
	}
	if (s->armed)
		LIST_REMOVE(s, link);
	LIST_INSERT_HEAD(&s->all->free, s, link);
}
