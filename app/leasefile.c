/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Leases on disk, one a line:
 *
 *   pcp tcp tenant default outside 192.0.2.1:6881 inside 10.0.0.5:6881 until 1790000000123
 *       [remote 198.51.100.9:0] [nonce 0102...] [peer] [disabled] [description "..."]
 *
 *   epoch 1790000000123
 *
 * An inside IPv6 endpoint is written [2001:db8::5]:6881.
 *
 * until is the wall clock's, in milliseconds, for that goes on while nothing runs; a clock that was
 * set back does not make a lease longer than the policy lets it be. epoch is when PCP's epoch began.
 * It goes on where nothing was lost: only an orderly end writes it, as its last act, and a lease
 * that is not back makes hosts ask again.
 *
 * Reading takes its time, LINES lines each turn of control, since a worker is asked about each of
 * them. Nothing is written before all is read. A line that is none, or whose lease has no place any
 * more, is skipped and said. A file is written beside itself and renamed, at most once a second, so
 * a crash leaves the old one or the new one; a disk that is full is tried again later.
 *
 * Control lcore only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <rte_common.h>

#include "alias.h"
#include "cli.h"
#include "leasefile.h"
#include "log.h"
#include "slots.h"
#include "words.h"

#define LINES 64
#define WRITE_MS 1000
#define FAILED_MS 10000
#define SAID_MAX 20 /* lines that are named */

static const char *const origins[] = { "upnp", "nat-pmp", "pcp" };
_Static_assert(RTE_DIM(origins) == SL_LEASE_ORIGINS, "a name each");

static uint64_t
wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* ---- reading ---- */

static bool
read_endpoint(const char *word, rte_be32_t *addr, rte_be16_t *port)
{
	char text[INET_ADDRSTRLEN];
	const char *colon = strchr(word, ':');
	unsigned long n;
	char *end;

	if (colon == NULL || (size_t)(colon - word) >= sizeof(text))
		return false;
	memcpy(text, word, (size_t)(colon - word));
	text[colon - word] = '\0';
	n = strtoul(colon + 1, &end, 10);
	*port = rte_cpu_to_be_16((uint16_t)n);
	return colon[1] >= '0' && colon[1] <= '9' && *end == '\0' && n <= UINT16_MAX &&
	       inet_pton(AF_INET, text, addr) == 1;
}

/* An inside endpoint of either family; the tenant has been read. */
static bool
read_inside(struct aliases *as, const char *word, struct sl_lease *l)
{
	char text[INET6_ADDRSTRLEN + 1];
	const char *end = strrchr(word, ']');
	struct sl_ip6 addr;
	rte_be32_t any;

	if (word[0] != '[')
		return read_endpoint(word, &l->in_addr, &l->in_port);
	if (end == NULL || (size_t)(end - word) > sizeof(text) - 1)
		return false;
	memcpy(text, word + 1, (size_t)(end - word) - 1);
	text[end - word - 1] = '\0';
	/* Behind it there is a port as behind an IPv4 address. */
	if (inet_pton(AF_INET6, text, &addr) != 1 ||
		(size_t)snprintf(text, sizeof(text), "0.0.0.0%s", end + 1) >= sizeof(text) ||
		!read_endpoint(text, &any, &l->in_port))
		return false;
	l->in_addr = alias_get(as, l->tenant, &addr);
	return l->in_addr != 0;
}

static bool
read_nonce(const char *word, uint8_t nonce[SL_LEASE_NONCE])
{
	if (strlen(word) != 2 * SL_LEASE_NONCE)
		return false;
	for (int i = 0; i < SL_LEASE_NONCE; i++) {
		unsigned int byte;

		if (strspn(word + 2 * i, "0123456789abcdef") < 2 ||
			sscanf(word + 2 * i, "%2x", &byte) != 1)
			return false;
		nonce[i] = (uint8_t)byte;
	}
	return true;
}

static bool
read_until(const char *word, uint64_t *until)
{
	char *end;

	*until = strtoull(word, &end, 10);
	return *word >= '0' && *word <= '9' && *end == '\0';
}

/* One of the words that have a value; false when it is wrong. */
static bool
read_value(struct leasefile *f, struct sl_lease *l, const char *word, const char *value,
	const struct sl_config *config)
{
	int tenant;

	if (strcmp(word, "tenant") == 0) {
		tenant = slots_find_tenant(config, value);
		l->tenant = (uint16_t)tenant;
		return tenant >= 0;
	}
	if (strcmp(word, "outside") == 0)
		return read_endpoint(value, &l->out_addr, &l->out_port);
	if (strcmp(word, "inside") == 0)
		return read_inside(f->aliases, value, l);
	if (strcmp(word, "remote") == 0)
		return read_endpoint(value, &l->rem_addr, &l->rem_port);
	if (strcmp(word, "until") == 0)
		return read_until(value, &l->expires);
	if (strcmp(word, "nonce") == 0)
		return read_nonce(value, l->nonce);
	if (strcmp(word, "description") == 0)
		return (size_t)snprintf(l->description, sizeof(l->description), "%s", value) <
		       sizeof(l->description);
	return false;
}

/* A line's lease, its end by the wall clock; NULL, or the word that is wrong. */
static const char *
read_lease(struct leasefile *f, const struct words *w, const struct sl_config *config,
	struct sl_lease *l)
{
	unsigned int i = 0;

	*l = (struct sl_lease){ .enabled = true };
	while (i < RTE_DIM(origins) && w->n > 0 && strcmp(w->word[0], origins[i]) != 0)
		i++;
	if (w->n < 2 || i == RTE_DIM(origins))
		return w->word[0];
	l->origin = (enum sl_lease_origin)i;
	l->proto = strcmp(w->word[1], "tcp") == 0   ? IPPROTO_TCP
		   : strcmp(w->word[1], "udp") == 0 ? IPPROTO_UDP
						    : 0;
	if (l->proto == 0)
		return w->word[1];
	for (i = 2; i < w->n; i++) {
		if (strcmp(w->word[i], "peer") == 0)
			l->peer = true;
		else if (strcmp(w->word[i], "disabled") == 0)
			l->enabled = false;
		else if (i + 1 == w->n || !read_value(f, l, w->word[i], w->word[i + 1], config))
			return w->word[i];
		else
			i++;
	}
	return l->out_port == 0 || l->in_port == 0 || l->expires == 0 ? "the end of the line"
								      : NULL;
}

static void
complain(struct leasefile *f, const char *what, const char *why)
{
	if (f->lost++ < SAID_MAX)
		SL_LOG(WARNING, "%s:%u: '%s': %s, the line is skipped", f->path, f->line, what,
			why);
}

/* The state of the run before is whole, as far as it is in the file. */
static void
take_epoch(struct leasefile *f, uint64_t began, uint64_t now)
{
	uint64_t wall = wall_ms(), epoch = began < wall ? (wall - began) / 1000 : 0;

	if (epoch > sl_pcp_epoch(f->pcp, now) && epoch <= UINT32_MAX)
		sl_pcp_resume(f->pcp, (uint32_t)epoch, now);
}

/* Take one line. */
static void
take_line(struct leasefile *f, const char *line, size_t len, struct sl_leases *leases,
	const struct sl_config *config, uint64_t now)
{
	uint64_t wall = wall_ms(), most = sl_leases_policy(leases)->seconds * UINT64_C(1000);
	struct words words;
	struct sl_lease l;
	const char *wrong;
	uint64_t began;
	char why[256];
	int rc;

	if (words_split(&words, line, len, why, sizeof(why)) < 0) {
		complain(f, "line", why);
		return;
	}
	if (words.n == 0)
		return;
	if (words.n == 2 && strcmp(words.word[0], "epoch") == 0 &&
		read_until(words.word[1], &began)) {
		take_epoch(f, began, now);
		return;
	}
	wrong = read_lease(f, &words, config, &l);
	if (wrong != NULL) {
		complain(f, wrong, "is not as it should be");
		return;
	}
	if (l.expires <= wall)
		return;
	l.expires = now + RTE_MIN(l.expires - wall, most);
	rc = sl_lease_restore(leases, &l, now);
	if (rc < 0)
		complain(f, text_endpoint(l.out_addr, l.out_port), strerror(-rc));
	else
		f->back++;
}

static void
end_reading(struct leasefile *f, uint64_t now)
{
	if (f->lost > 0)
		sl_pcp_lost(f->pcp, now);
	if (f->back + f->lost > 0)
		SL_LOG(NOTICE, "%s: %u ports of hosts are open again, %u lines skipped", f->path,
			f->back, f->lost);
	free(f->text);
	f->text = NULL;
	f->dirty = true; /* without what is over and what was wrong */
}

static void
read_some(
	struct leasefile *f, struct sl_leases *leases, const struct sl_config *config, uint64_t now)
{
	for (unsigned int n = 0; n < LINES && f->at < f->len; n++) {
		const char *line = f->text + f->at;
		const char *end = memchr(line, '\n', f->len - f->at);
		size_t len = end != NULL ? (size_t)(end - line) : f->len - f->at;

		f->line++;
		take_line(f, line, len, leases, config, now);
		f->at += len + (end != NULL);
	}
	if (f->at >= f->len)
		end_reading(f, now);
}

/* ---- writing ---- */

struct writer {
	FILE *out;
	const struct aliases *aliases;
	const struct sl_config *config;
	uint64_t now, wall;
};

static void
write_lease(void *arg, const struct sl_lease *l)
{
	static const uint8_t none[SL_LEASE_NONCE];
	const struct writer *w = arg;
	const struct alias *six = alias_of(w->aliases, l->in_addr);

	if (l->expires <= w->now || slots_no_tenant(w->config, l->tenant))
		return;
	fprintf(w->out, "%s %s tenant %s outside %s inside %s until %" PRIu64, origins[l->origin],
		l->proto == IPPROTO_TCP ? "tcp" : "udp", w->config->tenant[l->tenant].name,
		text_endpoint(l->out_addr, l->out_port),
		six != NULL ? text_endpoint6(&six->addr, l->in_port)
			    : text_endpoint(l->in_addr, l->in_port),
		w->wall + (l->expires - w->now));
	if (l->rem_addr != 0 || l->rem_port != 0)
		fprintf(w->out, " remote %s", text_endpoint(l->rem_addr, l->rem_port));
	if (memcmp(l->nonce, none, sizeof(none)) != 0) {
		fprintf(w->out, " nonce ");
		for (int i = 0; i < SL_LEASE_NONCE; i++)
			fprintf(w->out, "%02x", l->nonce[i]);
	}
	if (l->peer)
		fprintf(w->out, " peer");
	if (!l->enabled)
		fprintf(w->out, " disabled");
	if (l->description[0] != '\0') {
		fprintf(w->out, " description ");
		words_print(w->out, l->description);
	}
	fputc('\n', w->out);
}

/* began: of the epoch by the wall clock, 0: nothing of it. */
static int
write_to(int fd, const struct aliases *aliases, const struct sl_leases *leases,
	const struct sl_config *config, uint64_t now, uint64_t began)
{
	struct writer w = { fdopen(fd, "w"), aliases, config, now, wall_ms() };
	int rc = 0;

	if (w.out == NULL) {
		close(fd);
		return -ENOMEM;
	}
	fprintf(w.out, "# ports that hosts have opened; sluice writes this file while it runs\n");
	if (began != 0)
		fprintf(w.out, "epoch %" PRIu64 "\n", began);
	sl_lease_walk(leases, write_lease, &w);
	if (fflush(w.out) != 0 || ferror(w.out))
		rc = errno != 0 ? -errno : -EIO;
	if (fclose(w.out) != 0 && rc == 0)
		rc = -errno;
	return rc;
}

/* Only a file is replaced, not what somebody names by mistake. */
static int
replace(const struct leasefile *f, const struct sl_leases *leases, const struct sl_config *config,
	uint64_t now, uint64_t began)
{
	const char *path = f->path;
	struct stat st;
	char *temp;
	int fd, rc;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return -EINVAL;
	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		rc = -errno;
		free(temp);
		return rc;
	}
	rc = write_to(fd, f->aliases, leases, config, now, began);
	if (rc == 0 && rename(temp, path) < 0)
		rc = -errno;
	if (rc < 0)
		unlink(temp);
	free(temp);
	return rc;
}

static void
write_now(struct leasefile *f, const struct sl_leases *leases, const struct sl_config *config,
	uint64_t now, uint64_t began)
{
	int rc;

	/* Before all is read, what is on disk is more than what is known. */
	if (f->path[0] == '\0' || f->text != NULL || !f->dirty)
		return;
	rc = replace(f, leases, config, now, began);
	if (rc < 0 && !f->failed)
		SL_LOG(ERR, "%s: ports that hosts have opened are not saved: %s", f->path,
			rc == -EINVAL ? "it is not a file" : strerror(-rc));
	if (rc == 0 && f->failed)
		SL_LOG(NOTICE, "%s: ports that hosts have opened are saved again", f->path);
	f->failed = rc < 0;
	f->dirty = rc < 0;
	f->due = now + (rc < 0 ? FAILED_MS : WRITE_MS);
}

/* ---- the life of it ---- */

void
leasefile_use(struct leasefile *f, const char *path, const struct sl_leases *leases,
	const struct sl_config *config, uint64_t now)
{
	char why[256];
	int rc;

	if (strcmp(path, f->path) == 0)
		return;
	leasefile_fini(f, leases, config, now);
	snprintf(f->path, sizeof(f->path), "%s", path);
	if (path[0] == '\0')
		return;
	rc = words_read_file(path, false, &f->text, &f->len, why, sizeof(why));
	if (rc < 0 && rc != -ENOENT)
		SL_LOG(ERR, "%s: %s", path, why);
	f->dirty = rc < 0;
}

void
leasefile_touch(struct leasefile *f)
{
	f->dirty = true;
}

uint64_t
leasefile_poll(
	struct leasefile *f, struct sl_leases *leases, const struct sl_config *config, uint64_t now)
{
	if (f->text != NULL) {
		read_some(f, leases, config, now);
		return now;
	}
	if (f->path[0] == '\0' || !f->dirty)
		return UINT64_MAX;
	if (now >= f->due)
		write_now(f, leases, config, now, 0);
	return f->dirty ? f->due : UINT64_MAX;
}

void
leasefile_fini(struct leasefile *f, const struct sl_leases *leases, const struct sl_config *config,
	uint64_t now)
{
	struct aliases *aliases = f->aliases;
	struct sl_pcp *pcp = f->pcp;

	f->dirty = true; /* without the epoch */
	write_now(f, leases, config, now, wall_ms() - UINT64_C(1000) * sl_pcp_epoch(pcp, now));
	free(f->text);
	memset(f, 0, sizeof(*f));
	f->pcp = pcp;
	f->aliases = aliases;
}
