/* SPDX-License-Identifier: BSD-3-Clause
 *
 * State from the workers into an image, kind by kind in the order in which it is to be put back.
 *
 * While they run each worker is sent messages for one stretch of a table after the other, DEPTH of
 * them at a time so that it need not wait for control; it answers one a loop, and control copies
 * the answer to the image when it comes by. Nobody waits for anybody. After they have ended the
 * same stretches are copied at once.
 *
 * The names that records refer to by index come first, and the forwards that are in no file.
 * Control lcore only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_common.h>

#include "clock.h"
#include "gather.h"
#include "helper.h"
#include "helpers.h"
#include "slots.h"

#define DEPTH 4

_Static_assert(sizeof(struct sl_saved_tcp) >= sizeof(struct sl_saved_flow), "the largest record");

/* A message and its answer. */
struct piece {
	struct sl_msg msg; /* first: an answer's address is ours */
	bool out;
	uint8_t buf[SL_SAVE_STEP * sizeof(struct sl_saved_tcp)] __rte_aligned(8);
};

struct gather {
	struct box *box;
	struct image image;
	struct image_about about;
	unsigned int kind; /* SL_SAVED_KINDS: all is there */
	unsigned int n_out;
	struct {
		uint32_t next; /* place to ask for next */
		bool ended;
	} worker[SL_WORKERS_MAX];
	struct piece piece[]; /* DEPTH for each worker */
};

static uint64_t
wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* ---- names and forwards ---- */

static void
put(struct image *image, const void *record, size_t size)
{
	void *to = image_room(image, size);

	if (to == NULL)
		return;
	memcpy(to, record, size);
	image_add(image, 1, size);
}

static void
put_name(struct image *image, const char *text, unsigned int index)
{
	struct image_name name = { .index = index };

	snprintf(name.name, sizeof(name.name), "%s", text);
	put(image, &name, sizeof(name));
}

static void
put_forward(struct image *image, const struct sl_forward *f)
{
	uint64_t now = clock_now();
	struct image_forward to = {
		.in6 = f->in6,
		.out_addr = f->out_addr,
		.in_addr = f->in_addr,
		.from = f->from.addr,
		.out_port = f->out_port,
		.in_port = f->in_port,
		.ports = f->ports,
		.tenant = (uint16_t)f->tenant,
		.left = f->expires > now ? f->expires - now : 0,
		.proto = f->proto,
		.from_plen = f->from.plen,
		.six = f->six,
		.leased = f->leased,
		.nat64 = f->nat64,
	};

	if ((!f->unsaved && !f->leased) || (f->expires != 0 && f->expires <= now))
		return;
	memcpy(to.description, f->description, sizeof(to.description));
	put(image, &to, sizeof(to));
}

static void
put_names(struct image *image, const struct sl_config *config)
{
	image_section(image, IMAGE_TENANT, sizeof(struct image_name));
	for (unsigned int i = 0; i < config->n_tenants; i++)
		if (!slots_no_tenant(config, i))
			put_name(image, config->tenant[i].name, i);
	image_section(image, IMAGE_HELPER, sizeof(struct image_name));
	for (unsigned int i = 0; sl_helpers[i] != NULL; i++)
		put_name(image, sl_helpers[i]->name, i + 1);
	image_section(image, IMAGE_NAT64, sizeof(struct image_nat64));
	for (unsigned int i = 0; i < config->n_nat64; i++) {
		const struct sl_nat64 *n = &config->nat64[i];
		struct image_nat64 to = { n->prefix.addr, i, (uint16_t)n->tenant, n->prefix.plen,
			0 };

		if (n->prefix.plen != 0)
			put(image, &to, sizeof(to));
	}
	image_section(image, IMAGE_FORWARD, sizeof(struct image_forward));
	for (unsigned int i = 0; i < config->n_forwards; i++)
		put_forward(image, &config->forward[i]);
}

static void
begin(struct box *box, struct image *image, struct image_about *about)
{
	*about = (struct image_about){ .wall = wall_ms(), .owners = sl_owners_get(box->nat) };
	image_begin(image);
	put_names(image, box->config);
}

/* What control knows of sessions and the workers do not. */
static void
complete(struct box *box, unsigned int worker, struct sl_msg *msg)
{
	struct sl_saved_tcp *t = msg->buf;

	for (unsigned int i = 0; i < msg->n && msg->kind == SL_SAVED_TCP; i++, t++)
		if (t->flow.helper != 0 && sl_helpers_shift(box->helpers, worker, t->flow.place,
						   t->flow.created, t->shift) != 0)
			t->shift[0] = t->shift[1] = UINT32_MAX; /* not to be told by numbers */
}

/* ---- while workers run ---- */

struct gather *
gather_create(struct box *box)
{
	struct gather *g = calloc(1, sizeof(*g) + box->n_workers * DEPTH * sizeof(struct piece));

	if (g == NULL)
		return NULL;
	g->box = box;
	begin(box, &g->image, &g->about);
	image_section(&g->image, 0, sl_saved_size((enum sl_saved_kind)0));
	return g;
}

static void
ask(struct gather *g, unsigned int worker, struct piece *piece)
{
	piece->msg = (struct sl_msg){
		.op = SL_MSG_SAVE,
		.kind = (uint8_t)g->kind,
		.cursor = g->worker[worker].next,
		.max = SL_SAVE_STEP,
		.buf = piece->buf,
	};
	if (sl_msg_send(g->box->nat, worker, &piece->msg) != 0)
		return; /* the next turn tries again */
	piece->out = true;
	g->n_out++;
	g->worker[worker].next += SL_SAVE_STEP;
}

static bool
next_kind(struct gather *g)
{
	for (unsigned int i = 0; i < g->box->n_workers; i++)
		if (!g->worker[i].ended)
			return false;
	if (g->n_out > 0)
		return false;
	memset(g->worker, 0, sizeof(g->worker));
	if (++g->kind < SL_SAVED_KINDS)
		image_section(&g->image, g->kind, sl_saved_size((enum sl_saved_kind)g->kind));
	return true;
}

bool
gather_poll(struct gather *g)
{
	while (g->kind < SL_SAVED_KINDS) {
		for (unsigned int i = 0; i < g->box->n_workers; i++)
			for (unsigned int k = 0; k < DEPTH; k++) {
				struct piece *piece = &g->piece[i * DEPTH + k];

				if (!piece->out && !g->worker[i].ended)
					ask(g, i, piece);
			}
		if (!next_kind(g))
			return false;
	}
	return true;
}

bool
gather_answer(struct gather *g, struct sl_msg *msg)
{
	uintptr_t at = (uintptr_t)msg - (uintptr_t)g->piece;
	unsigned int i = (unsigned int)(at / sizeof(struct piece)), worker = i / DEPTH;
	size_t size = sl_saved_size((enum sl_saved_kind)g->kind);
	void *to;

	if ((uintptr_t)msg < (uintptr_t)g->piece || worker >= g->box->n_workers)
		return false;
	g->piece[i].out = false;
	g->n_out--;
	if (msg->cursor == UINT32_MAX)
		g->worker[worker].ended = true;
	complete(g->box, worker, msg);
	if (g->kind == SL_SAVED_HOST)
		g->about.n_hosts += msg->n;
	to = image_room(&g->image, msg->n * size);
	if (to != NULL) {
		memcpy(to, msg->buf, msg->n * size);
		image_add(&g->image, msg->n, size);
	}
	return true;
}

int
gather_finish(struct gather *g, struct image *image)
{
	int rc = image_finish(&g->image, &g->about);

	*image = g->image;
	free(g);
	return rc;
}

void
gather_destroy(struct gather *g)
{
	if (g != NULL)
		image_free(&g->image);
	free(g);
}

/* ---- after they have ended ---- */

/* One kind of one worker's. */
static int
take(struct box *box, unsigned int worker, unsigned int kind, struct image *image, uint32_t *n)
{
	size_t size = sl_saved_size((enum sl_saved_kind)kind);
	struct sl_msg msg = { .op = SL_MSG_SAVE, .kind = (uint8_t)kind, .max = SL_SAVE_STEP };

	while (msg.cursor != UINT32_MAX) {
		msg.buf = image_room(image, SL_SAVE_STEP * size);
		if (msg.buf == NULL)
			return -ENOMEM;
		sl_worker_answer(sl_nat_worker(box->nat, worker), &msg);
		complete(box, worker, &msg);
		image_add(image, msg.n, size);
		*n += msg.n;
	}
	return 0;
}

int
gather_now(struct box *box, struct image *image)
{
	struct image_about about;
	uint32_t n;
	int rc = 0;

	begin(box, image, &about);
	for (unsigned int kind = 0; kind < SL_SAVED_KINDS && rc == 0; kind++) {
		image_section(image, kind, sl_saved_size((enum sl_saved_kind)kind));
		n = 0;
		for (unsigned int i = 0; i < box->n_workers && rc == 0; i++)
			rc = take(box, i, kind, image, &n);
		if (kind == SL_SAVED_HOST)
			about.n_hosts = n;
	}
	return rc == 0 ? image_finish(image, &about) : rc;
}
