/* SPDX-License-Identifier: BSD-3-Clause */
#include "ident.h"

#include <errno.h>

#include <rte_malloc.h>

#define IDS (UINT16_MAX + 1)

int
sl_ids_init(struct sl_ids *t, uint16_t first, int socket)
{
	t->next = first;
	t->id = rte_malloc_socket(
		"sluice ids", IDS * sizeof(t->id[0]), RTE_CACHE_LINE_SIZE, socket);
	if (t->id == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < IDS; i++)
		t->id[i] = (struct sl_id){ (rte_be16_t)i, 0 }; /* itself until it is given */
	return 0;
}

void
sl_ids_fini(struct sl_ids *t)
{
	rte_free(t->id);
	t->id = NULL;
}
