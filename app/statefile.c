/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Restarts that lose no connection: the state is saved to a file now and then and at the end, and
 * put back at start.
 *
 *	start   read the file, check it --> owners as they were, forwards of run time
 *	        --> configuration in force --> records back (lib/restore.c) --> workers
 *	run     every `interval`: gather.c asks the workers, saver.c writes in a thread of its own
 *	end     workers have ended --> gather at once, write, wait for the disk
 *
 * A process that is killed loses what came after the last save. Time goes on while nothing runs,
 * by the wall clock: what would have ended meanwhile does not come back. A clock that was set back
 * counts as if no time had passed.
 *
 * A file that is damaged, or of another version, is refused whole and later written over. One that
 * is no state file at all is refused, and nothing is written to it: somebody has given the wrong
 * name. What hosts have opened (leases) has a file of its own (leasefile.c), read after this: their
 * mappings and forwards come back here with two minutes to live, so that no packet is lost until
 * the lease takes them over, and none stays that no lease stands for.
 *
 * Control lcore only.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <rte_common.h>

#include "cli.h"
#include "clock.h"
#include "gather.h"
#include "log.h"
#include "restored.h"
#include "saver.h"
#include "statefile.h"
#include "words.h"

struct statefile {
	struct box *box;
	struct restored *read; /* between statefile_create() and statefile_restore() */
	struct gather *gather;
	struct saver saver;
	char barred[SL_LEASE_FILE_MAX]; /* no state file */
	bool failed; /* the last save, which was said */
	int result;
	uint64_t begun, written_from, due;
	uint64_t sessions, bytes; /* of the one under way */
	struct statefile_view view;
};

static const char *
path_of(const struct box *box)
{
	return box->config->state.file;
}

static uint64_t
interval_ms(const struct box *box)
{
	return box->config->state.interval * UINT64_C(1000);
}

static uint64_t
count_sessions(const struct box *box)
{
	return sl_counter_sum(box->nat, SL_COUNTER_SESSIONS_NOW);
}

/* ---- start ---- */

/* An answered message: true when it was asked for a save. */
static bool
take(struct box *box, struct sl_msg *msg)
{
	struct statefile *s = box->state;

	return s != NULL && s->gather != NULL && gather_answer(s->gather, msg);
}

int
statefile_create(struct box *box, struct sl_config *config)
{
	struct statefile *s = calloc(1, sizeof(*s));
	bool foreign = false;

	if (s == NULL) {
		SL_LOG(ERR, "no memory for what is to outlive a restart");
		return -ENOMEM;
	}
	s->box = box;
	box->state = s;
	if (box_takes(box, take) != 0)
		return -ENOSPC;
	if (config->state.file[0] == '\0')
		return 0;
	s->read = restored_open(box, config, config->state.file, &foreign);
	if (foreign)
		snprintf(s->barred, sizeof(s->barred), "%s", config->state.file);
	return 0;
}

void
statefile_restore(struct box *box)
{
	struct statefile *s = box->state;
	uint64_t begin = clock_now();

	s->due = begin + interval_ms(box);
	if (s->read == NULL)
		return;
	restored_put(s->read, box, &s->view.restored, &s->view.left_out);
	s->view.restore_ms = (uint32_t)(clock_now() - begin);
	restored_close(s->read);
	s->read = NULL;
}

/* ---- while it runs ---- */

static void
ended(struct statefile *s, const char *path, int rc)
{
	s->result = rc;
	if (rc < 0 && !s->failed)
		SL_LOG(ERR, "%s: the state is not saved: %s; sessions would not outlive a restart",
			path, rc == -EINVAL ? "it is not a file" : strerror(-rc));
	if (rc == 0 && s->failed)
		SL_LOG(NOTICE, "%s: the state is saved again", path);
	s->failed = rc < 0;
	if (rc < 0) {
		s->view.failures++;
		return;
	}
	s->view.saves++;
	s->view.saved = clock_now();
	s->view.sessions = s->sessions;
	s->view.bytes = s->bytes;
	s->view.write_ms = (uint32_t)(clock_now() - s->written_from);
}

static bool
is_barred(const struct statefile *s, const char *path)
{
	return strcmp(s->barred, path) == 0;
}

int
statefile_save(struct box *box)
{
	struct statefile *s = box->state;

	if (path_of(box)[0] == '\0')
		return -ENOENT;
	if (is_barred(s, path_of(box)))
		return -EPERM;
	if (s->gather != NULL || s->saver.busy)
		return -EBUSY;
	s->gather = gather_create(box);
	if (s->gather == NULL)
		return -ENOMEM;
	s->begun = clock_now();
	s->sessions = count_sessions(box);
	gather_poll(s->gather);
	return 0;
}

static void
write_gathered(struct statefile *s)
{
	struct image image = { 0 };
	int rc = gather_finish(s->gather, &image);

	s->gather = NULL;
	s->written_from = clock_now();
	s->view.gather_ms = (uint32_t)(s->written_from - s->begun);
	s->bytes = image.len;
	if (rc == 0)
		rc = path_of(s->box)[0] != '\0' ? saver_begin(&s->saver, path_of(s->box), &image)
						: -ENOENT;
	if (rc < 0) {
		image_free(&image);
		ended(s, path_of(s->box), rc);
	}
}

bool
statefile_poll(struct box *box)
{
	struct statefile *s = box->state;
	uint64_t now = clock_now();
	int rc;

	if (s == NULL)
		return false;
	if (s->gather != NULL && gather_poll(s->gather))
		write_gathered(s);
	if (saver_ended(&s->saver, false, &rc))
		ended(s, s->saver.path, rc);
	if (interval_ms(box) != 0 && now >= s->due) {
		s->due = now + interval_ms(box);
		statefile_save(box);
	} else if (interval_ms(box) != 0 && s->due > now + interval_ms(box)) {
		s->due = now + interval_ms(box); /* a shorter one was said */
	}
	return s->gather != NULL || s->saver.busy;
}

int
statefile_result(const struct box *box)
{
	return box->state->result;
}

/* ---- the end ---- */

void
statefile_leave(struct box *box)
{
	struct statefile *s = box->state;
	struct image image = { 0 };
	int rc;

	gather_destroy(s->gather);
	s->gather = NULL;
	if (saver_ended(&s->saver, true, &rc))
		ended(s, s->saver.path, rc);
	if (path_of(box)[0] == '\0' || is_barred(s, path_of(box)))
		return;
	s->begun = clock_now();
	s->sessions = count_sessions(box);
	rc = gather_now(box, &image);
	s->written_from = clock_now();
	s->view.gather_ms = (uint32_t)(s->written_from - s->begun);
	s->bytes = image.len;
	if (rc == 0)
		rc = saver_write(path_of(box), &image);
	image_free(&image);
	ended(s, path_of(box), rc);
	if (rc == 0)
		SL_LOG(NOTICE,
			"%s: state saved: %" PRIu64 " sessions, %" PRIu64 " bytes, %u + %u ms",
			path_of(box), s->view.sessions, s->view.bytes, s->view.gather_ms,
			s->view.write_ms);
}

void
statefile_look(const struct box *box, struct statefile_view *view)
{
	const struct statefile *s = box->state;

	*view = s->view;
	view->saving = s->gather != NULL || s->saver.busy;
	view->barred = path_of(box)[0] != '\0' && is_barred(s, path_of(box));
}

void
statefile_destroy(struct box *box)
{
	struct statefile *s = box->state;
	int rc;

	if (s == NULL)
		return;
	gather_destroy(s->gather);
	saver_ended(&s->saver, true, &rc);
	restored_close(s->read);
	free(s);
	box->state = NULL;
}
