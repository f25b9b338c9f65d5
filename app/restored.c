/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A state file at start: names become this configuration's indices, forwards that were made at run
 * time join it, records go to the library, and one line of the log says what is back and what was
 * left out for which reason.
 *
 * A forward joins only where the configuration has none at any of its ports, and the configuration
 * stays right with it; the start-up file has the last word. Control lcore only.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <rte_common.h>

#include "cli.h"
#include "clock.h"
#include "helper.h"
#include "image.h"
#include "log.h"
#include "restored.h"
#include "slots.h"

#define LEASE_MS 120000 /* until a lease that is read back takes its forward over */
#define NAMES_MAX 65536

struct restored {
	const char *path;
	uint8_t *data;
	size_t len;
	struct image_about about;
	uint64_t elapsed;
	int *tenant, *nat64;
	struct sl_saved_names names;
	struct sl_config *config; /* while forwards join */
	unsigned int forwards, forwards_left;
	struct sl_restore *restore;
};

/* ---- reading ---- */

static int
read_fd(int fd, uint8_t **data, size_t *len)
{
	struct stat st;
	size_t got = 0;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	*len = (size_t)st.st_size;
	*data = malloc(*len + 1);
	if (*data == NULL)
		return -ENOMEM;
	while (got < *len) {
		ssize_t n = read(fd, *data + got, *len - got);

		if (n == 0)
			*len = got;
		if (n < 0 && errno != EINTR) {
			free(*data);
			*data = NULL;
			return -errno;
		}
		got += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int
read_file(const char *path, uint8_t **data, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;

	if (fd < 0)
		return -errno;
	rc = read_fd(fd, data, len);
	close(fd);
	return rc;
}

static uint64_t
elapsed_since(uint64_t wall)
{
	struct timespec ts;
	uint64_t now;

	clock_gettime(CLOCK_REALTIME, &ts);
	now = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	return now > wall ? now - wall : 0;
}

/* ---- names ---- */

/* Remember that an index of then is one of now; the lists grow as needed. */
static void
translate(int **list, unsigned int *n, uint32_t was, int is)
{
	int *more;

	if (was >= NAMES_MAX)
		return;
	if (was >= *n) {
		more = realloc(*list, (was + 1) * sizeof(*more));
		if (more == NULL)
			return;
		for (; *n <= was; (*n)++)
			more[*n] = -1;
		*list = more;
	}
	(*list)[was] = is;
}

static bool
has_end(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static int
tenant_of(const struct restored *r, uint32_t was)
{
	return was < r->names.n_tenants ? r->tenant[was] : -1;
}

static int
find_nat64(const struct restored *r, const struct image_nat64 *n)
{
	const struct sl_config *c = r->config;

	for (unsigned int i = 0; i < c->n_nat64; i++)
		if (c->nat64[i].prefix.plen != 0 && c->nat64[i].prefix.plen == n->plen &&
			(int)c->nat64[i].tenant == tenant_of(r, n->tenant) &&
			memcmp(&c->nat64[i].prefix.addr, &n->net, sizeof(n->net)) == 0)
			return (int)i;
	return -1;
}

static int
find_helper(const char *name)
{
	for (unsigned int i = 0; sl_helpers[i] != NULL; i++)
		if (strcmp(sl_helpers[i]->name, name) == 0)
			return (int)i + 1;
	return 0;
}

static void
take_name(struct restored *r, unsigned int kind, const struct image_name *n)
{
	if (!has_end(n->name, sizeof(n->name)))
		return;
	if (kind == IMAGE_TENANT)
		translate(&r->tenant, &r->names.n_tenants, n->index,
			slots_find_tenant(r->config, n->name));
	else if (n->index <= SL_HELPERS_MAX)
		r->names.helper[n->index] = (uint8_t)find_helper(n->name);
}

/* ---- forwards ---- */

static bool
is_taken(const struct sl_config *config, const struct sl_forward *new)
{
	uint32_t first = rte_be_to_cpu_16(new->out_port), n = RTE_MAX(new->ports, 1);

	for (unsigned int i = 0; i < config->n_forwards; i++) {
		const struct sl_forward *f = &config->forward[i];
		uint32_t at = rte_be_to_cpu_16(f->out_port);

		if (f->proto == new->proto &&
			f->out_addr == new->out_addr &&first < at + RTE_MAX(f->ports, 1) &&
			at < first + n)
			return true;
	}
	return false;
}

static bool
make_forward(const struct restored *r, const struct image_forward *from, struct sl_forward *f)
{
	int tenant = tenant_of(r, from->tenant), nat64 = -1;
	uint64_t left = from->left;

	if (from->six && from->nat64 < r->names.n_nat64)
		nat64 = r->nat64[from->nat64];
	if (tenant < 0 || (from->six && nat64 < 0) || (left != 0 && left <= r->elapsed) ||
		!has_end(from->description, sizeof(from->description)) ||
		(from->leased && r->config->lease.file[0] == '\0'))
		return false;
	if (left != 0)
		left -= r->elapsed;
	if (from->leased)
		left = LEASE_MS;
	*f = (struct sl_forward){
		.proto = from->proto,
		.out_addr = from->out_addr,
		.out_port = from->out_port,
		.in_addr = from->in_addr,
		.in_port = from->in_port,
		.ports = from->ports,
		.tenant = (unsigned int)tenant,
		.from = { from->from, from->from_plen },
		.expires = left != 0 ? clock_now() + left : 0,
		.six = from->six,
		.in6 = from->in6,
		.nat64 = nat64 >= 0 ? (unsigned int)nat64 : 0,
		.leased = from->leased,
		.unsaved = !from->leased,
	};
	memcpy(f->description, from->description, sizeof(f->description));
	return true;
}

static void
take_forward(struct restored *r, const struct image_forward *from)
{
	struct sl_config *c = r->config;
	struct sl_forward f;
	char why[256];

	if (from->six > 1 || from->leased > 1 || !make_forward(r, from, &f)) {
		r->forwards_left++;
		return;
	}
	if (is_taken(c, &f)) {
		/* The same one, or another by the file's word: no reason to speak. */
		return;
	}
	if (array_add(&c->forward, &c->n_forwards, sizeof(f), &f) == 0) {
		if (sl_config_check(c, why, sizeof(why)) == 0) {
			r->forwards++;
			return;
		}
		array_del(&c->forward, &c->n_forwards, sizeof(f), c->n_forwards - 1);
	}
	r->forwards_left++;
}

static void
take_about(void *arg, unsigned int kind, const void *record, unsigned int n)
{
	struct restored *r = arg;

	for (unsigned int i = 0; i < n; i++) {
		const struct image_nat64 *p = (const struct image_nat64 *)record + i;

		switch (kind) {
		case IMAGE_TENANT:
		case IMAGE_HELPER:
			take_name(r, kind, (const struct image_name *)record + i);
			break;
		case IMAGE_NAT64:
			translate(&r->nat64, &r->names.n_nat64, p->index, find_nat64(r, p));
			break;
		case IMAGE_FORWARD:
			take_forward(r, (const struct image_forward *)record + i);
			break;
		default:
			return;
		}
	}
}

struct restored *
restored_open(struct box *box, struct sl_config *config, const char *path, bool *foreign)
{
	struct restored *r = calloc(1, sizeof(*r));
	char why[256] = "out of memory";
	int rc = r != NULL ? read_file(path, &r->data, &r->len) : -ENOMEM;

	if (rc == -ENOENT) {
		SL_LOG(INFO, "%s: no state of an earlier run", path);
		restored_close(r);
		return NULL;
	}
	if (rc < 0)
		snprintf(why, sizeof(why), "%s", rc == -EINVAL ? "is not a file" : strerror(-rc));
	else
		rc = image_check(r->data, r->len, &r->about, why, sizeof(why));
	if (rc < 0) {
		*foreign = rc == -ENOEXEC && r->len > 0;
		SL_LOG(ERR, "%s: %s; starting without the state of the run before%s", path, why,
			*foreign ? ", and nothing will be saved there" : "");
		restored_close(r);
		return NULL;
	}
	r->path = config->state.file;
	r->elapsed = elapsed_since(r->about.wall);
	r->config = config;
	image_walk(r->data, r->len, take_about, r);
	r->config = NULL;
	r->names.tenant = r->tenant;
	r->names.nat64 = r->nat64;
	sl_owners_set(box->nat, &r->about.owners); /* with other workers ports change hands */
	return r;
}

/* ---- records ---- */

static void
take_records(void *arg, unsigned int kind, const void *record, unsigned int n)
{
	struct restored *r = arg;

	if (kind < SL_SAVED_KINDS)
		sl_restore_put(r->restore, (enum sl_saved_kind)kind, record, n);
}

static uint64_t
fate_of_sessions(const struct restored *r, enum sl_saved_fate fate)
{
	return sl_restore_count(r->restore, SL_SAVED_FLOW, fate) +
	       sl_restore_count(r->restore, SL_SAVED_TCP, fate);
}

/* The reasons, as ": 3 their time was over, 1 table full". */
static void
tell_reasons(const struct restored *r,
	uint64_t (*count)(const struct restored *, enum sl_saved_fate), char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (unsigned int fate = SL_SAVED_BACK + 1; fate < SL_SAVED_FATES && len < size; fate++) {
		uint64_t n = count(r, (enum sl_saved_fate)fate);

		if (n > 0)
			len += (size_t)snprintf(text + len, size - len, "%s%" PRIu64 " %s",
				len == 0 ? ": " : ", ", n,
				sl_saved_fate_text((enum sl_saved_fate)fate));
	}
}

static void
tell(const struct restored *r, uint64_t sessions, uint64_t left_out, uint64_t ms)
{
	char reasons[512];

	tell_reasons(r, fate_of_sessions, reasons, sizeof(reasons));
	SL_LOG(NOTICE,
		"%s: %" PRIu64 " sessions and %u forwards of %" PRIu64
		" s ago are back after %" PRIu64 " ms; %" PRIu64 " sessions left out%s",
		r->path, sessions, r->forwards, r->elapsed / 1000, ms, left_out, reasons);
	if (r->forwards_left > 0)
		SL_LOG(NOTICE,
			"%s: %u forwards have no place any more: their address or tenant is gone",
			r->path, r->forwards_left);
}

void
restored_put(struct restored *r, struct box *box, uint64_t *sessions, uint64_t *left_out)
{
	uint64_t begin = clock_now();

	r->path = box->config->state.file;
	r->names.helpers = box->helpers;
	r->restore = sl_restore_begin(box->nat, &r->names, r->about.n_hosts, r->elapsed, begin);
	if (r->restore == NULL) {
		SL_LOG(ERR, "%s: no memory to put the state back; the box starts without it",
			r->path);
		return;
	}
	image_walk(r->data, r->len, take_records, r);
	*sessions = fate_of_sessions(r, SL_SAVED_BACK);
	*left_out = 0;
	for (unsigned int fate = SL_SAVED_BACK + 1; fate < SL_SAVED_FATES; fate++)
		*left_out += fate_of_sessions(r, (enum sl_saved_fate)fate);
	tell(r, *sessions, *left_out, clock_now() - begin);
	sl_restore_end(r->restore);
	r->restore = NULL;
}

void
restored_close(struct restored *r)
{
	if (r == NULL)
		return;
	free(r->data);
	free(r->tenant);
	free(r->nat64);
	free(r);
}
