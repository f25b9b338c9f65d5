/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a restart costs: a gateway's sessions gathered, summed up and written, and put back into
 * another gateway; and what one SL_MSG_SAVE takes, for so long a burst waits. Each figure is the
 * least, the middle and the most of the rounds.
 *
 *	statebench [EAL options] -- [--sessions N] [--workers N] [--rounds N] [--tcp] [--file PATH]
 */
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>

#include "image.h"
#include "rig.h"
#include "saver.h"

#define ROUNDS_MAX 99
#define PIECES_MAX 262144

static struct {
	uint64_t sessions;
	unsigned int workers, rounds;
	uint8_t proto;
	const char *file;
} opt = { 1000000, 1, 5, IPPROTO_UDP, "/tmp/sluice-statebench" };

enum figure {
	GATHER,
	SUM_UP,
	WRITE,
	SAVE,
	READ,
	CHECK,
	PUT,
	RESTORE,
	FIGURES
};

static const char *const names[] = { "gather", "checksum", "write and fsync", "save, all of it",
	"read", "check", "put back", "restore, all of it" };

static double ms[FIGURES][ROUNDS_MAX];
static double piece_us[PIECES_MAX];
static unsigned int n_pieces;

static double
now_ms(void)
{
	return (double)rte_get_tsc_cycles() * 1000 / (double)rte_get_tsc_hz();
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
print(const char *name, double *v, unsigned int n, const char *unit)
{
	qsort(v, n, sizeof(*v), by_value);
	printf("%-20s %9.2f %9.2f %9.2f %s\n", name, v[0], v[n / 2], v[n - 1], unit);
}

static int
gather(struct sl_nat *nat, struct image *image)
{
	for (unsigned int kind = 0; kind < SL_SAVED_KINDS; kind++) {
		size_t size = sl_saved_size((enum sl_saved_kind)kind);

		image_section(image, kind, size);
		for (unsigned int i = 0; i < opt.workers; i++) {
			struct sl_msg msg = {
				.op = SL_MSG_SAVE, .kind = (uint8_t)kind, .max = SL_SAVE_STEP
			};

			while (msg.cursor != UINT32_MAX) {
				double begin = now_ms();

				msg.buf = image_room(image, SL_SAVE_STEP * size);
				if (msg.buf == NULL)
					return -1;
				sl_worker_answer(sl_nat_worker(nat, i), &msg);
				image_add(image, msg.n, size);
				if (n_pieces < PIECES_MAX)
					piece_us[n_pieces++] = (now_ms() - begin) * 1000;
			}
		}
	}
	return 0;
}

static int
save(struct rig *r, unsigned int round)
{
	struct image_about about = { .owners = sl_owners_get(r->nat) };
	struct image image;
	double t[4];
	int rc;

	image_begin(&image);
	t[0] = now_ms();
	rc = gather(r->nat, &image);
	t[1] = now_ms();
	if (rc == 0)
		rc = image_finish(&image, &about);
	t[2] = now_ms();
	if (rc == 0)
		rc = saver_write(opt.file, &image);
	t[3] = now_ms();
	for (int i = 0; i < 3; i++)
		ms[GATHER + i][round] = t[i + 1] - t[i];
	ms[SAVE][round] = t[3] - t[0];
	image_free(&image);
	return rc;
}

static struct sl_restore *restore;

static void
put(void *arg, unsigned int kind, const void *record, unsigned int n)
{
	(void)arg;
	if (kind < SL_SAVED_KINDS)
		sl_restore_put(restore, (enum sl_saved_kind)kind, record, n);
}

static void *
read_all(size_t *len)
{
	int fd = open(opt.file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *data = NULL;
	size_t got = 0;

	if (fd >= 0 && fstat(fd, &st) == 0)
		data = malloc((size_t)st.st_size);
	while (data != NULL && got < (size_t)st.st_size) {
		ssize_t n = read(fd, data + got, (size_t)st.st_size - got);

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	if (fd >= 0)
		close(fd);
	*len = got;
	return data;
}

static int
put_back(struct rig *r, unsigned int round)
{
	static const int zero[] = { 0 };
	struct sl_saved_names as_is = { zero, zero, 1, 1, { 0 }, NULL };
	struct image_about about;
	char why[256];
	uint64_t back;
	double t[4];
	size_t len;
	void *data;

	t[0] = now_ms();
	data = read_all(&len);
	t[1] = now_ms();
	if (data == NULL || image_check(data, len, &about, why, sizeof(why)) != 0)
		return -1;
	t[2] = now_ms();
	restore = sl_restore_begin(r->nat, &as_is, about.n_hosts, 0, r->now);
	if (restore == NULL)
		return -1;
	image_walk(data, len, put, NULL);
	back = sl_restore_count(restore, SL_SAVED_FLOW, SL_SAVED_BACK) +
	       sl_restore_count(restore, SL_SAVED_TCP, SL_SAVED_BACK);
	sl_restore_end(restore);
	t[3] = now_ms();
	for (int i = 0; i < 3; i++)
		ms[READ + i][round] = t[i + 1] - t[i];
	ms[RESTORE][round] = t[3] - t[0];
	free(data);
	if (round == 0)
		printf("%zu bytes, %" PRIu64 " of %" PRIu64 " sessions back\n", len, back,
			opt.sessions);
	return back == opt.sessions ? 0 : -1;
}

static struct rig *
gateway(unsigned int workers)
{
	struct rig_options o = {
		.sessions = opt.sessions,
		/* One worker opens them all; of several each has room for its share. */
		.room = opt.sessions * workers * 9 / 8 + 65536,
		.proto = opt.proto,
		.n_workers = workers,
	};

	return rig_create(&o);
}

static int
measure(void)
{
	struct rig *r = gateway(1);
	int rc = r != NULL ? rig_open(r, opt.sessions, 0, NULL) : -1;
	unsigned int workers = opt.workers;

	opt.workers = 1;
	for (unsigned int i = 0; i < opt.rounds && rc == 0; i++)
		rc = save(r, i);
	rig_destroy(r);
	opt.workers = workers;
	for (unsigned int i = 0; i < opt.rounds && rc == 0; i++) {
		r = gateway(opt.workers);
		rc = r != NULL ? put_back(r, i) : -1;
		rig_destroy(r);
	}
	unlink(opt.file);
	return rc;
}

static void
parse(int argc, char **argv)
{
	static const struct option options[] = { { "sessions", 1, NULL, 's' },
		{ "workers", 1, NULL, 'w' }, { "rounds", 1, NULL, 'r' }, { "tcp", 0, NULL, 't' },
		{ "file", 1, NULL, 'f' }, { NULL, 0, NULL, 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 's')
			opt.sessions = strtoull(optarg, NULL, 10);
		else if (c == 'w')
			opt.workers = (unsigned int)atoi(optarg);
		else if (c == 'r')
			opt.rounds = (unsigned int)RTE_MIN(atoi(optarg), ROUNDS_MAX);
		else if (c == 't')
			opt.proto = IPPROTO_TCP;
		else if (c == 'f')
			opt.file = optarg;
	}
}

int
main(int argc, char **argv)
{
	int n = rte_eal_init(argc, argv), rc;

	if (n < 0)
		return 1;
	optind = 1;
	parse(argc - n, argv + n);
	printf("%" PRIu64 " sessions of %s, back into %u workers; least, middle, most of %u "
	       "rounds\n",
		opt.sessions, opt.proto == IPPROTO_TCP ? "TCP" : "UDP", opt.workers, opt.rounds);
	rc = measure();
	if (rc == 0)
		for (int i = 0; i < FIGURES; i++)
			print(names[i], ms[i], opt.rounds, "ms");
	if (rc == 0)
		print("one SL_MSG_SAVE", piece_us, n_pieces, "us");
	else
		printf("failed\n");
	rte_eal_cleanup();
	return rc != 0;
}
