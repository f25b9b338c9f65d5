/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Packets on their way into a file for Wireshark, before and after translation, with what the box
 * did as their comment.
 *
 * The file is written by a thread (capfile.c). When the disk is slower than the packets come, the
 * copies stay with the workers, which lose what finds no room there: it is counted and said.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "capfile.h"
#include "capture.h"
#include "clock.h"
#include "pcapng.h"
#include "version.h"

#define FILE_WAITING (8u << 20) /* bytes that wait for the disk */
#define PROGRESS_MS 1000

enum phase {
	OPENING, /* the file */
	LOOKING,
	CLOSING, /* the file */
};

struct capture {
	struct looking look;
	enum phase phase;
	struct capfile *file;
	struct pcapng bytes; /* not yet given to the file */
	uint64_t size, written; /* bytes: the most, and those so far */
	uint64_t told, said; /* progress: when, in milliseconds, and packets then */
	uint64_t seen[2]; /* packets by side */
	uint32_t keep;
	bool full;
	char path[513];
};

static void
give_bytes(struct capture *c)
{
	if (c->bytes.len == 0)
		return;
	c->written += c->bytes.len;
	capfile_write(c->file, c->bytes.data, c->bytes.len);
	c->bytes = (struct pcapng){ 0 };
}

/* What a capture says last of itself. */
static void
finish_file(struct capture *c)
{
	uint64_t now = watched_clock().wall;

	pcapng_statistics(
		&c->bytes, SL_INSIDE, now, c->seen[SL_INSIDE], sl_watch_lost(c->look.watch));
	pcapng_statistics(&c->bytes, SL_OUTSIDE, now, c->seen[SL_OUTSIDE], 0);
	give_bytes(c);
	capfile_close(c->file);
}

static void
destroy(struct walk *walk)
{
	struct capture *c = (struct capture *)walk;

	if (c->file != NULL && c->phase == LOOKING)
		finish_file(c);
	capfile_leave(c->file);
	pcapng_fini(&c->bytes);
	looking_end(&c->look);
}

static void
put_header(struct capture *c)
{
	static const char *const name[] = { "inside", "outside" };

	pcapng_begin(&c->bytes, "sluice " SLUICE_VERSION,
		"each packet as it came to the box and as it left, with the same packet id");
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		const struct pcapng_interface i = {
			.name = name[side],
			.description = c->look.box->port[side].name,
			.mac = c->look.box->port[side].mac,
			.keep = c->keep,
		};

		pcapng_interface(&c->bytes, &i);
	}
	give_bytes(c);
}

/* A copy into the file; false when that is as large as it may be. */
static bool
put_copy(struct capture *c, const struct sl_seen *s)
{
	size_t before = c->bytes.len;
	char comment[512];
	const struct pcapng_frame frame = {
		.interface = s->side,
		.leaves = s->kind != SL_SEEN_CAME,
		.when = watched_when(&c->look.clock, s),
		.packet = ((uint64_t)s->worker << 32 | s->number) + 1,
		.bytes = s->bytes,
		.kept = s->kept,
		.len = s->len,
		.comment = comment,
	};

	watched_comment(s, comment, sizeof(comment));
	pcapng_frame(&c->bytes, &frame);
	if (c->written + c->bytes.len <= c->size)
		return true;
	c->bytes.len = before;
	return false;
}

static void
tell_progress(struct capture *c, FILE *err)
{
	uint64_t now = clock_now();

	if (now - c->told < PROGRESS_MS || c->look.packets == c->said)
		return;
	c->told = now;
	c->said = c->look.packets;
	looking_sum(&c->look, err);
	fprintf(err, ", %" PRIu64 " bytes\n", c->written);
}

static int
fail_file(struct capture *c, const char *why, FILE *err)
{
	fprintf(err, "'%s': %s\n", c->path, why);
	return -EIO;
}

static int
end_looking(struct capture *c)
{
	finish_file(c);
	sl_watch_disarm(c->look.watch);
	c->phase = CLOSING;
	c->look.walk.wait = 1;
	return 1;
}

static int
take_copies(struct capture *c)
{
	const struct sl_seen *s;
	int n = 0;

	while (n < LOOKING_SLICE && !c->full && capfile_waiting(c->file) < FILE_WAITING &&
		(s = sl_watch_peek(c->look.watch)) != NULL) {
		bool leads = s->kind != SL_SEEN_LEFT;

		if (leads && c->look.packets >= c->look.count)
			break;
		/* Its owner has it as well: once is enough. */
		if (s->verdict == SL_COUNTER_HANDOFF_OUT) {
			sl_watch_next(c->look.watch);
			n++;
			continue;
		}
		c->full = !put_copy(c, s);
		if (c->full)
			break;
		c->seen[s->side] += s->kind == SL_SEEN_CAME;
		looking_count(&c->look, s, leads);
		sl_watch_next(c->look.watch);
		n++;
	}
	if (c->bytes.lost)
		c->full = true;
	give_bytes(c);
	return n;
}

static void
tell_end(const struct capture *c, FILE *out)
{
	fprintf(out, "%s: ", c->path);
	looking_sum(&c->look, out);
	fprintf(out, ", %" PRIu64 " bytes%s", c->written,
		c->full ? "; it is as large as it may be" : "");
	looking_lost(&c->look, out);
}

static int
capture_step(struct walk *walk, FILE *out, FILE *err)
{
	struct capture *c = (struct capture *)walk;
	char why[160];
	enum capfile_state state = capfile_state(c->file, why, sizeof(why));
	int rc;

	if (state == CAPFILE_FAILED)
		return fail_file(c, why, err);
	walk->wait = LOOKING_WAIT_MS;
	switch (c->phase) {
	case OPENING:
		if (state == CAPFILE_OPENING)
			return 1;
		rc = looking_arm(&c->look, err);
		if (rc < 0)
			return rc;
		c->phase = LOOKING;
		put_header(c);
		fprintf(err, "capturing to %s\n", c->path);
		return 1;
	case LOOKING:
		if (take_copies(c) == LOOKING_SLICE)
			walk->wait = 1;
		tell_progress(c, err);
		return c->full || looking_is_over(&c->look) ? end_looking(c) : 1;
	case CLOSING:
		if (state != CAPFILE_CLOSED)
			return 1;
		tell_end(c, out);
		return 0;
	}
	return 0;
}

int
capture_begin(struct call *call, const char *path, const struct sl_watch_filter *filter,
	const struct capture_limits *limits)
{
	struct capture *c = (struct capture *)looking_begin(call, sizeof(*c), filter, limits->keep);

	if (c == NULL)
		return -EBUSY;
	c->look.walk.step = capture_step;
	c->look.walk.destroy = destroy;
	c->look.count = limits->packets;
	c->look.until = limits->ms;
	c->size = limits->bytes;
	c->keep = limits->keep;
	snprintf(c->path, sizeof(c->path), "%s", path);
	c->file = capfile_open(path);
	if (c->file == NULL) {
		int rc = -errno;

		destroy(&c->look.walk);
		return call_fail(call, rc, "'%s': %s", path, strerror(-rc));
	}
	call->after->walk = &c->look.walk;
	return 0;
}
