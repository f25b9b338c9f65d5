/* SPDX-License-Identifier: BSD-3-Clause
 *
 * "sluicectl top": the pictures that the statement "top" makes, on a screen.
 *
 * The box makes whole pictures and knows nothing of terminals; each comes in one piece. Here it is
 * cut to the size that the terminal has at this moment, and once more when that changes. The first
 * one comes after half a second, the rest at the interval that was asked for. Options are those of
 * top(1): -d SECONDS, -n COUNT, -b for plain text, which is also what a pipe or a file gets.
 *
 * The screen is the terminal's second one, so that what was there before comes back. q, Ctrl-C and
 * Ctrl-D leave.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "ctltop.h"
#include "reach.h"

#define FIRST "0.5" /* seconds until the first picture on a screen */
#define INTERVAL "2"
#define CTRL_D 4

struct screen {
	int fd; /* of the box */
	int signals;
	struct termios saved;
	bool keys; /* stdin is a terminal */
	char *in; /* what has come and is no whole piece yet */
	size_t len, room;
	char *frame; /* the last picture, a string */
	char *why; /* messages of the box */
	int left; /* answers to come */
	bool broken, quit;
	int status;
};

struct wish {
	const char *interval, *times;
	bool batch;
};

static int
usage(void)
{
	fprintf(stderr, "usage: sluicectl [-s SOCKET] [-j] top [-b] [-d SECONDS] [-n COUNT]\n");
	return 1;
}

static int
read_wish(struct wish *w, int argc, char **argv)
{
	int c;

	*w = (struct wish){ .interval = INTERVAL, .times = "0" };
	optind = 1;
	while ((c = getopt(argc, argv, "bd:n:")) != -1) {
		if (c == 'b')
			w->batch = true;
		else if (c == 'd')
			w->interval = optarg;
		else if (c == 'n')
			w->times = optarg;
		else
			return usage();
	}
	/* What stands for a number must be one word, the box says what is wrong with it. */
	if (optind < argc || strpbrk(w->interval, " \t\n\"\\#") != NULL ||
		strpbrk(w->times, " \t\n\"\\#") != NULL || *w->interval == '\0' ||
		*w->times == '\0')
		return usage();
	return 0;
}

/* ---- the screen ---- */

static void
put(const char *text)
{
	fputs(text, stdout);
}

/* As much of a line as there is room for; a letter of several bytes is one column. */
static void
put_line(const char *line, size_t len, unsigned int columns)
{
	unsigned int n = 0;

	for (size_t i = 0; i < len; i++) {
		n += ((unsigned char)line[i] & 0xc0) != 0x80;
		if (n > columns)
			return;
		putchar(line[i]);
	}
}

static void
draw(const struct screen *s)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	const char *line = s->frame, *end;

	if (line == NULL)
		return;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	put("\033[H");
	for (unsigned int row = 0; row < size.ws_row && *line != '\0'; row++) {
		end = line + strcspn(line, "\n");
		if (row > 0)
			put("\n");
		put_line(line, (size_t)(end - line), size.ws_col);
		put("\033[K");
		line = *end == '\n' ? end + 1 : end;
	}
	put("\033[J");
	fflush(stdout);
}

static void
open_screen(struct screen *s)
{
	struct termios raw;

	s->keys = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &s->saved) == 0;
	if (s->keys) {
		raw = s->saved;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 1;
		raw.c_cc[VTIME] = 0;
		raw.c_cc[VSUSP] = _POSIX_VDISABLE; /* a stopped one would leave the terminal so */
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	put("\033[?1049h\033[?25l\033[H\033[J");
	fflush(stdout);
}

static void
close_screen(const struct screen *s)
{
	put("\033[?25h\033[?1049l");
	fflush(stdout);
	if (s->keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &s->saved);
}

/* ---- what comes ---- */

static void
keep(char **to, const char *data, size_t len)
{
	free(*to);
	*to = strndup(data, len);
}

/* Take one whole piece from the input; false when there is none yet. */
static bool
take_piece(struct screen *s)
{
	char *end = s->len > 0 ? memchr(s->in, '\n', s->len) : NULL;
	size_t n, head;
	char kind;

	if (end == NULL)
		return false;
	*end = '\0';
	head = (size_t)(end + 1 - s->in);
	if (sscanf(s->in, "%c %zu", &kind, &n) != 2 || strchr("oes", kind) == NULL) {
		s->broken = true;
		return false;
	}
	*end = '\n';
	if (kind == 's') {
		s->status = (int)n;
		s->left = n == 0 ? s->left - 1 : 0;
		n = 0;
	} else if (s->len - head < n) {
		return false;
	} else {
		keep(kind == 'o' ? &s->frame : &s->why, s->in + head, n);
	}
	s->len -= head + n;
	memmove(s->in, s->in + head + n, s->len);
	return true;
}

static void
read_box(struct screen *s)
{
	ssize_t n;
	char *more;

	if (s->room - s->len < 4096) {
		more = realloc(s->in, s->room + 65536);
		if (more == NULL) {
			s->broken = true;
			return;
		}
		s->in = more;
		s->room += 65536;
	}
	n = read(s->fd, s->in + s->len, s->room - s->len);
	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		s->broken = true;
		return;
	}
	s->len += (size_t)n;
	while (take_piece(s))
		;
	draw(s);
}

static void
read_keys(struct screen *s)
{
	char key[64];
	ssize_t n = read(STDIN_FILENO, key, sizeof(key));

	if (n <= 0)
		s->quit = true;
	for (ssize_t i = 0; i < n; i++)
		s->quit |= key[i] == 'q' || key[i] == 'Q' || key[i] == CTRL_D;
}

static void
read_signals(struct screen *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH)
		draw(s);
	else
		s->quit = true;
}

static void
watch(struct screen *s)
{
	struct pollfd p[] = {
		{ .fd = s->fd, .events = POLLIN },
		{ .fd = s->signals, .events = POLLIN },
		{ .fd = s->keys ? STDIN_FILENO : -1, .events = POLLIN },
	};

	while (s->left > 0 && !s->broken && !s->quit) {
		if (poll(p, 3, -1) < 0 && errno != EINTR)
			return;
		if (p[1].revents != 0)
			read_signals(s);
		if (p[2].revents != 0)
			read_keys(s);
		if (p[0].revents != 0)
			read_box(s);
	}
}

static bool
begin(struct screen *s, const struct wish *w)
{
	static const char first[] = "top interval " FIRST " times 1";
	unsigned long times;
	char text[256], *end;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (s->signals < 0)
		return false;
	/* One picture only is one over the whole interval. */
	if (strcmp(w->times, "1") != 0) {
		if (!reach_send(s->fd, "-", "sluicectl", first, strlen(first)))
			return false;
		s->left++;
	}
	snprintf(text, sizeof(text), "top interval %.100s times %.100s", w->interval, w->times);
	times = strtoul(w->times, &end, 10);
	if (*end == '\0' && times > 1)
		snprintf(text, sizeof(text), "top interval %.100s times %lu", w->interval,
			times - 1);
	s->left++;
	return reach_send(s->fd, "-", "sluicectl", text, strlen(text));
}

static int
show_live(int fd, const struct wish *w)
{
	struct screen s = { .fd = fd, .signals = -1 };

	if (!begin(&s, w)) {
		fprintf(stderr, "sluicectl: %s\n", strerror(errno));
		return 1;
	}
	open_screen(&s);
	watch(&s);
	close_screen(&s);
	/* The last picture stays to be read. */
	if (s.frame != NULL)
		put(s.frame);
	if (s.why != NULL)
		fputs(s.why, stderr);
	if (s.broken)
		fprintf(stderr, "sluicectl: the connection broke off: sluice has ended, its log "
				"tells why\n");
	close(s.signals);
	free(s.in);
	free(s.frame);
	free(s.why);
	return s.broken || s.status != 0;
}

int
ctltop_run(int fd, FILE *from, const char *flags, int argc, char **argv)
{
	char text[256];
	struct wish w;

	if (read_wish(&w, argc, argv) != 0)
		return 1;
	if (!w.batch && *flags != 'j' && isatty(STDOUT_FILENO))
		return show_live(fd, &w);
	snprintf(text, sizeof(text), "top interval %.100s times %.100s", w.interval, w.times);
	return reach_ask(fd, from, flags, "sluicectl", text, strlen(text));
}
