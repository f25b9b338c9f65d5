/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The unix socket for sluicectl.
 *
 * A client sends requests, one after the other:
 *
 *     sluice1 FLAGS LENGTH NAME\n      and LENGTH bytes of statements
 *
 * FLAGS are letters: '-' none, 'j' answer as JSON, 'a' all lines are one transaction.
 * NAME is what messages call the text, a file name or "sluicectl". It gets back any
 * number of pieces, then one status, 0 or an errno:
 *
 *     o LENGTH\n and output    e LENGTH\n and messages    s STATUS\n
 *
 * Control never waits for a client. Input and output are buffered and bounded; long
 * answers are walks (cli.h) of which the next piece is made only when the last ones have
 * gone; one that goes on for ever (events, top) is idle while it has nothing to say, and then
 * nothing of the client is watched but its end. A client that closes its sending half still
 * gets its answer. Whoever talks nonsense is told so and closed. There are CLIENTS_MAX
 * connections; one more takes the place of the one that was silent for the longest time.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "ctl.h"
#include "ctlsock.h"
#include "log.h"
#include "outbuf.h"
#include "statement.h"

#define CLIENTS_MAX 32
#define HEADER_MAX 640 /* bytes of a request's first line */
#define NAME_LEN_MAX 512 /* bytes of a name */
#define REST_MS 100 /* before the next try to accept, when there is nothing to accept with */
#define REQUEST_MAX (4u << 20) /* bytes of statements in one request */

struct client {
	TAILQ_ENTRY(client) next;
	int fd;
	uint32_t watched; /* epoll events */
	uint64_t active; /* milliseconds, last time that bytes moved */
	struct outbuf in, out;
	struct walk *walk; /* the answer under way */
	bool idle; /* it has nothing to say at the moment */
	int timer; /* until its next step, 0: none */
	bool eof; /* nothing more will be asked */
	bool closing; /* when all has been sent */
};

static struct {
	struct box *box;
	int fd;
	int reserve; /* given up for a moment when descriptors run out */
	char path[CTLSOCK_NAME_MAX + 1];
	unsigned int n_clients;
	TAILQ_HEAD(, client) clients;
} ctl = { .fd = -1, .reserve = -1 };

static void
client_close(struct client *c)
{
	loop_del(ctl.box->loop, c->fd);
	if (c->timer > 0)
		loop_timer_del(ctl.box->loop, c->timer);
	close(c->fd);
	walk_destroy(c->walk);
	outbuf_fini(&c->in);
	outbuf_fini(&c->out);
	TAILQ_REMOVE(&ctl.clients, c, next);
	ctl.n_clients--;
	free(c);
}

/* One piece of an answer. */
static void
add_piece(struct client *c, char kind, const char *data, size_t len)
{
	char head[32];

	if (len == 0)
		return;
	outbuf_add(&c->out, head, snprintf(head, sizeof(head), "%c %zu\n", kind, len));
	outbuf_add(&c->out, data, len);
}

static void
add_status(struct client *c, int rc)
{
	char text[32];

	outbuf_add(&c->out, text, snprintf(text, sizeof(text), "s %d\n", rc < 0 ? -rc : 0));
}

/* Output and messages of one piece of work, collected in memory. */
struct collect {
	FILE *out, *err;
	char *out_text, *err_text;
	size_t out_len, err_len;
};

static bool
collect_begin(struct collect *t)
{
	memset(t, 0, sizeof(*t));
	t->out = open_memstream(&t->out_text, &t->out_len);
	t->err = open_memstream(&t->err_text, &t->err_len);
	if (t->out != NULL && t->err != NULL)
		return true;
	if (t->out != NULL)
		fclose(t->out);
	if (t->err != NULL)
		fclose(t->err);
	free(t->out_text);
	free(t->err_text);
	return false;
}

static void
collect_end(struct collect *t, struct client *c)
{
	fclose(t->out);
	fclose(t->err);
	add_piece(c, 'o', t->out_text, t->out_len);
	add_piece(c, 'e', t->err_text, t->err_len);
	free(t->out_text);
	free(t->err_text);
}

static void
refuse(struct client *c, const char *why)
{
	add_piece(c, 'e', why, strlen(why));
	add_status(c, -EINVAL);
	c->closing = true;
}

/* The answer under way has something to say again: the loop's next turn goes on with it. */
static void
go_on(void *arg)
{
	struct client *c = arg;

	c->idle = false;
	c->watched |= EPOLLOUT;
	loop_mod(ctl.box->loop, c->fd, c->watched);
}

/* Run a request; text is a string. */
static void
run(struct client *c, const char *flags, const char *name, const char *text)
{
	struct statement_origin origin = { name, 0 };
	struct statement_after after = { 0 };
	struct collect t;
	bool json = strchr(flags, 'j') != NULL;
	int rc;

	if (!collect_begin(&t)) {
		refuse(c, "out of memory\n");
		return;
	}
	if (strchr(flags, 'a') != NULL)
		rc = statement_run_all(ctl.box, &origin, text, json, t.out, t.err);
	else
		rc = statement_start(ctl.box, &origin, text, json, t.out, t.err, &after);
	collect_end(&t, c);
	c->walk = after.walk;
	c->idle = false;
	if (c->walk != NULL)
		walk_on_ready(c->walk, go_on, c);
	c->closing |= after.quit;
	if (c->walk == NULL)
		add_status(c, rc);
}

/* The next piece of a long answer. */
static void
walk_on(struct client *c)
{
	struct collect t;
	int rc;

	if (!collect_begin(&t)) {
		refuse(c, "out of memory\n");
		walk_destroy(c->walk);
		c->walk = NULL;
		return;
	}
	rc = walk_step(c->walk, t.out, t.err);
	collect_end(&t, c);
	if (rc > 0) {
		c->idle = rc == WALK_IDLE;
		return;
	}
	walk_destroy(c->walk);
	c->walk = NULL;
	add_status(c, rc);
}

/* Take a request's first line apart; name is NULL when there is none. False: it is nonsense. */
static bool
read_head(char *head, const char **flags, size_t *len, const char **name)
{
	const char *word = strsep(&head, " ");
	unsigned long long n;
	char *end;

	*flags = strsep(&head, " ");
	if (strcmp(word, "sluice1") != 0 || *flags == NULL || **flags == '\0' ||
		(*flags)[strspn(*flags, "-ja")] != '\0')
		return false;
	word = strsep(&head, " ");
	if (word == NULL || *word < '0' || *word > '9')
		return false;
	errno = 0;
	n = strtoull(word, &end, 10);
	if (*end != '\0' || errno != 0)
		return false;
	*len = n;
	*name = head != NULL && *head != '\0' && strlen(head) <= NAME_LEN_MAX ? head : NULL;
	return true;
}

/* Take a whole request from the input; false when there is none, or nonsense. */
static bool
take_request(struct client *c)
{
	char *data = c->in.data + c->in.head, *end, *text, head[HEADER_MAX + 1];
	size_t waiting = outbuf_waiting(&c->in), len, head_len;
	const char *flags, *name;

	end = waiting > 0 ? memchr(data, '\n', RTE_MIN(waiting, (size_t)HEADER_MAX)) : NULL;
	if (end == NULL) {
		if (waiting >= HEADER_MAX)
			refuse(c, "this is not a request of sluicectl\n");
		return false;
	}
	head_len = end + 1 - data;
	memcpy(head, data, head_len);
	head[head_len - 1] = '\0';
	if (strlen(head) != head_len - 1 || !read_head(head, &flags, &len, &name) || name == NULL) {
		refuse(c, "this is not a request of sluicectl\n");
		return false;
	}
	if (len > REQUEST_MAX) {
		refuse(c, "the request is too long, at most 4 MiB are taken\n");
		return false;
	}
	if (waiting - head_len < len)
		return false;
	text = strndup(data + head_len, len);
	c->in.head += head_len + len;
	if (outbuf_waiting(&c->in) == 0)
		outbuf_fini(&c->in);
	if (text == NULL)
		refuse(c, "out of memory\n");
	else if (strlen(text) != len)
		refuse(c, "not text: there is a byte 0x00\n");
	else
		run(c, flags, name, text);
	free(text);
	return true;
}

/* Read what there is, up to a bound; -1 when the connection has failed. */
static int
read_some(struct client *c)
{
	char buf[16384];
	ssize_t n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (n == 0)
		c->eof = true;
	outbuf_add(&c->in, buf, n);
	c->active = clock_now();
	return c->in.lost ? -1 : 0;
}

/* Do as much as the client's buffers allow; -1 when it is finished with. */
static int
serve(struct client *c)
{
	size_t before = outbuf_waiting(&c->out);
	int left;

	if (c->walk != NULL && !c->idle && c->timer <= 0 && before < OUTBUF_HIGH)
		walk_on(c);
	if (c->walk == NULL && !c->closing && outbuf_waiting(&c->out) < OUTBUF_HIGH)
		take_request(c);
	before = outbuf_waiting(&c->out);
	left = outbuf_flush(&c->out, c->fd);
	if (left < 0 || c->out.lost)
		return -1;
	if (outbuf_waiting(&c->out) != before)
		c->active = clock_now();
	if (left == 0 && c->walk == NULL && c->closing)
		return -1;
	return 0;
}

/* Is a whole request waiting, so that work goes on without new input? */
static bool
has_more(const struct client *c)
{
	const char *data = c->in.data + c->in.head;
	size_t waiting = outbuf_waiting(&c->in), len;
	const char *end = waiting > 0 ? memchr(data, '\n', waiting) : NULL;
	const char *flags, *name;
	char head[64];

	if (end == NULL)
		return waiting >= HEADER_MAX;
	snprintf(head, sizeof(head), "%.*s", (int)RTE_MIN((size_t)(end - data), sizeof(head) - 1),
		data);
	if (!read_head(head, &flags, &len, &name) || len > REQUEST_MAX)
		return true;
	return waiting - (end + 1 - data) >= len;
}

static void client_ready(void *arg, uint32_t events);

static void
walk_due(void *arg)
{
	struct client *c = arg;

	loop_timer_del(ctl.box->loop, c->timer);
	c->timer = 0;
	client_ready(c, 0);
}

/* Has the answer under way something to do now? If not, it is asked again in time. */
static bool
walks(struct client *c)
{
	if (c->timer <= 0 && !c->idle && walk_wait(c->walk) > 0)
		c->timer = loop_timer(ctl.box->loop, walk_wait(c->walk), walk_due, c);
	return c->walk != NULL && !c->idle && c->timer <= 0;
}

static void
client_ready(void *arg, uint32_t events)
{
	struct client *c = arg;
	uint32_t wanted = 0;
	bool more;

	if ((events & EPOLLIN) && read_some(c) < 0) {
		client_close(c);
		return;
	}
	if ((events & EPOLLERR) || serve(c) < 0) {
		client_close(c);
		return;
	}
	more = has_more(c);
	if (outbuf_waiting(&c->out) > 0 || walks(c) || (more && !c->closing && c->walk == NULL))
		wanted |= EPOLLOUT;
	else if (c->eof && c->walk == NULL) {
		client_close(c);
		return;
	}
	/* What comes next is left in the socket until this request is answered. */
	if (!c->eof && c->walk == NULL && !more && outbuf_waiting(&c->out) < OUTBUF_HIGH)
		wanted |= EPOLLIN;
	if (wanted != c->watched && loop_mod(ctl.box->loop, c->fd, wanted) == 0)
		c->watched = wanted;
	/* The other side has closed both ways: nobody will read the answer. */
	if ((events & EPOLLHUP) && !(wanted & EPOLLIN))
		client_close(c);
}

/* Close the client that has been silent for the longest time. */
static void
evict(void)
{
	struct client *c, *oldest = NULL;

	TAILQ_FOREACH(c, &ctl.clients, next) {
		if (oldest == NULL || c->active < oldest->active)
			oldest = c;
	}
	if (oldest != NULL)
		client_close(oldest);
}

/* Without a descriptor to accept with, a waiting client would keep the loop awake. */
static void
turn_away(void)
{
	int fd;

	close(ctl.reserve);
	fd = accept4(ctl.fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	else
		loop_rest(ctl.box->loop, ctl.fd, REST_MS);
	ctl.reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	SL_LOG(WARNING, "no descriptor left for another sluicectl; raise the limit (ulimit -n, "
			"LimitNOFILE)");
}

static void
accept_client(void *arg, uint32_t events)
{
	struct client *c;
	int fd = accept4(ctl.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	RTE_SET_USED(arg);
	RTE_SET_USED(events);
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE)
			turn_away();
		else if (errno == ENOMEM || errno == ENOBUFS)
			loop_rest(ctl.box->loop, ctl.fd, REST_MS);
		return;
	}
	if (ctl.n_clients >= CLIENTS_MAX)
		evict();
	c = calloc(1, sizeof(*c));
	if (c == NULL || loop_add(ctl.box->loop, fd, EPOLLIN, client_ready, c) < 0) {
		free(c);
		close(fd);
		return;
	}
	c->fd = fd;
	c->watched = EPOLLIN;
	c->active = clock_now();
	TAILQ_INSERT_TAIL(&ctl.clients, c, next);
	ctl.n_clients++;
}

int
ctl_create(struct box *box, const char *path)
{
	int rc = ctlsock_listen(path);

	if (rc < 0)
		return rc;
	ctl.box = box;
	ctl.fd = rc;
	snprintf(ctl.path, sizeof(ctl.path), "%s", path);
	ctl.n_clients = 0;
	TAILQ_INIT(&ctl.clients);
	ctl.reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	rc = loop_add(box->loop, ctl.fd, EPOLLIN, accept_client, NULL);
	if (rc < 0) {
		SL_LOG(ERR, "cannot watch %s: %s", path, strerror(-rc));
		ctl_destroy();
	}
	return rc;
}

void
ctl_destroy(void)
{
	if (ctl.fd < 0)
		return;
	while (!TAILQ_EMPTY(&ctl.clients))
		client_close(TAILQ_FIRST(&ctl.clients));
	loop_del(ctl.box->loop, ctl.fd);
	unlink(ctl.path);
	close(ctl.fd);
	close(ctl.reserve);
	ctl.fd = ctl.reserve = -1;
}
