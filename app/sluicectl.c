/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sluicectl: statements for a running sluice.
 *
 *     sluicectl [-s SOCKET] [-j] [STATEMENT...]
 *     sluicectl [-s SOCKET] -f FILE
 *     sluicectl [-j] -c FILE lookup ADDRESS PORT [TIME]
 *
 * Without a statement it reads them from stdin, one a line, and goes on after a wrong
 * one. A file is one transaction: all of its lines or none. Output goes to stdout as it
 * comes, messages to stderr. The exit code is 0, or 1 when anything was refused. What
 * it speaks is written down at the head of ctl.c; it needs no DPDK. With -c no box is asked:
 * the sluice beside this program, or in PATH, reads the file and answers.
 */

#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKETS "/run/sluice/*.sock"
#define REQUEST_MAX ((size_t)4 << 20)

static void
usage(FILE *out)
{
	fprintf(out, "usage: sluicectl [-s SOCKET] [-j] [STATEMENT...]\n"
		     "       sluicectl [-s SOCKET] -f FILE\n"
		     "       sluicectl [-j] -c FILE lookup ADDRESS PORT [TIME]\n"
		     "  -s SOCKET  the box to talk to (by default the only one in /run/sluice)\n"
		     "  -j         show things as JSON\n"
		     "  -f FILE    send a file as one transaction, - for stdin\n"
		     "  -c FILE    no box is asked: who had a port by the plans in this file\n"
		     "Without a statement, statements are read from stdin. 'sluicectl help' lists "
		     "them.\n");
}

/* The name of the only socket there is; NULL with a message. */
static char *
find_socket(void)
{
	char *path = NULL;
	glob_t found;

	if (glob(SOCKETS, 0, NULL, &found) == 0 && found.gl_pathc == 1)
		path = strdup(found.gl_pathv[0]);
	else if (found.gl_pathc == 0)
		fprintf(stderr,
			"sluicectl: no sluice is running (nothing at %s); -s SOCKET names one\n",
			SOCKETS);
	else
		fprintf(stderr, "sluicectl: several sluices are running, say which by -s:\n");
	for (size_t i = 0; path == NULL && i < found.gl_pathc; i++)
		fprintf(stderr, "  %s\n", found.gl_pathv[i]);
	globfree(&found);
	return path;
}

static int
connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(addr.sun_path)) {
		fprintf(stderr, "sluicectl: %s: the name is too long for a socket\n", path);
	} else if (fd >= 0) {
		memcpy(addr.sun_path, path, strlen(path));
		if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
			return fd;
		fprintf(stderr, "sluicectl: %s: %s\n", path,
			errno == ECONNREFUSED ? "the sluice that made it is gone"
					      : strerror(errno));
	} else {
		fprintf(stderr, "sluicectl: %s\n", strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool
send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}

/* Copy len bytes of an answer. */
static bool
copy(FILE *from, size_t len, FILE *to)
{
	char buf[16384];

	while (len > 0) {
		size_t n = fread(buf, 1, len < sizeof(buf) ? len : sizeof(buf), from);

		if (n == 0)
			return false;
		fwrite(buf, 1, n, to);
		len -= n;
	}
	fflush(to);
	return true;
}

/* Print an answer to its end; its status, or -1 when it broke off. */
static int
receive(FILE *from)
{
	char line[64];
	size_t n;

	while (fgets(line, sizeof(line), from) != NULL) {
		if (sscanf(line, "s %zu", &n) == 1)
			return (int)n;
		if (sscanf(line, "%*1[oe] %zu", &n) != 1)
			break;
		if (!copy(from, n, line[0] == 'o' ? stdout : stderr))
			break;
		/* Nobody reads: the rest is not worth waiting for. */
		if (ferror(stdout))
			return EPIPE;
	}
	fprintf(stderr,
		"sluicectl: the connection broke off: sluice has ended, its log tells why\n");
	return -1;
}

static int
ask(int fd, FILE *from, const char *flags, const char *name, const char *text, size_t len)
{
	char head[640];

	if (len > REQUEST_MAX) {
		fprintf(stderr, "sluicectl: %s: too long, at most 4 MiB are taken\n", name);
		return EFBIG;
	}
	snprintf(head, sizeof(head), "sluice1 %s %zu %.512s\n", flags, len, name);
	/* When sending fails, the answer, if there is one, tells why. */
	if (send_all(fd, head, strlen(head)))
		send_all(fd, text, len);
	return receive(from);
}

/* Everything in a file. */
static char *
read_file(const char *path, size_t *len)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *text = malloc(REQUEST_MAX + 1);

	if (f == NULL || text == NULL) {
		fprintf(stderr, "sluicectl: %s: %s\n", path, strerror(errno));
		free(text);
		return NULL;
	}
	*len = fread(text, 1, REQUEST_MAX + 1, f);
	if (ferror(f)) {
		fprintf(stderr, "sluicectl: %s: %s\n", path, strerror(errno));
		free(text);
		text = NULL;
	}
	if (f != stdin)
		fclose(f);
	return text;
}

/* A word of the command line, quoted as the grammar wants it. */
static void
print_word(FILE *out, const char *word)
{
	if (*word != '\0' && strpbrk(word, " \t\"\\#") == NULL) {
		fprintf(out, "%s ", word);
		return;
	}
	fputc('"', out);
	for (; *word != '\0'; word++) {
		if (*word == '"' || *word == '\\')
			fputc('\\', out);
		fputc(*word, out);
	}
	fputs("\" ", out);
}

/* One argument is a line as it is; several are words. */
static int
ask_words(int fd, FILE *from, const char *flags, char **words, int n)
{
	char *line = NULL;
	size_t len = 0;
	FILE *f;
	int rc;

	if (n == 1)
		return ask(fd, from, flags, "sluicectl", words[0], strlen(words[0]));
	f = open_memstream(&line, &len);
	if (f == NULL)
		return ENOMEM;
	for (int i = 0; i < n; i++)
		print_word(f, words[i]);
	fclose(f);
	rc = ask(fd, from, flags, "sluicectl", line, len);
	free(line);
	return rc;
}

static int
ask_lines(int fd, FILE *from, const char *flags)
{
	bool tty = isatty(STDIN_FILENO), wrong = false;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int rc;

	for (;;) {
		if (tty) {
			fputs("sluicectl> ", stdout);
			fflush(stdout);
		}
		len = getline(&line, &room, stdin);
		if (len < 0)
			break;
		while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
			len--;
		line[len] = '\0';
		if (strcmp(line, "quit") == 0 || strcmp(line, "exit") == 0)
			break;
		rc = ask(fd, from, flags, "sluicectl", line, len);
		wrong |= rc != 0;
		if (rc < 0 || rc == EPIPE)
			break;
	}
	free(line);
	return wrong;
}

/* The sluice that was built or installed together with this program, or any in PATH. */
static void
find_sluice(char *path, size_t size)
{
	static const char *const places[] = { "sluice", "../sbin/sluice" };
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	for (size_t i = 0; slash != NULL && i < sizeof(places) / sizeof(*places); i++) {
		snprintf(path, size, "%.*s/%s", (int)(slash - self), self, places[i]);
		if (access(path, X_OK) == 0)
			return;
	}
	snprintf(path, size, "sluice");
}

/* What stands after "lookup", for "sluice --lookup"; NULL when it is another statement. */
static char *
lookup_words(const char *flags, char **words, int n)
{
	char *line = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&line, &len);

	if (f == NULL)
		return NULL;
	if (n == 1)
		fputs(words[0], f);
	else
		for (int i = 0; i < n; i++)
			print_word(f, words[i]);
	fputs(*flags == 'j' ? " json" : "  ", f); /* never empty, for a message of the grammar */
	fclose(f);
	n = strncmp(line, "lookup ", 7) == 0 ? 7 : 0;
	memmove(line, line + n, len - n + 1);
	if (n > 0)
		return line;
	free(line);
	return NULL;
}

/* Answer from a file; comes back only when that did not work. */
static int
look_up(const char *file, const char *flags, char **words, int n)
{
	char path[600], *line = lookup_words(flags, words, n);

	if (line == NULL) {
		fprintf(stderr, "sluicectl: -c FILE answers 'lookup ADDRESS PORT [TIME]' only\n");
		return 1;
	}
	find_sluice(path, sizeof(path));
	execlp(path, path, "--lookup", line, "--", file, NULL);
	fprintf(stderr, "sluicectl: %s: %s\n", path, strerror(errno));
	free(line);
	return 1;
}

int
main(int argc, char **argv)
{
	const char *file = NULL, *offline = NULL, *flags = "-";
	char *path = NULL, *text;
	size_t len;
	FILE *from;
	int c, fd, rc;

	/* '+': what follows the first word of a statement is not ours. */
	while ((c = getopt(argc, argv, "+s:f:c:jh")) != -1) {
		if (c == 's')
			path = strdup(optarg);
		else if (c == 'f')
			file = optarg;
		else if (c == 'c')
			offline = optarg;
		else if (c == 'j')
			flags = "j";
		else {
			usage(c == 'h' ? stdout : stderr);
			return c != 'h';
		}
	}
	if (file != NULL && optind < argc) {
		usage(stderr);
		return 1;
	}
	if (offline != NULL)
		return look_up(offline, flags, argv + optind, argc - optind);
	if (path == NULL)
		path = find_socket();
	fd = path != NULL ? connect_to(path) : -1;
	free(path);
	from = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (from == NULL)
		return 1;
	if (file != NULL) {
		text = read_file(file, &len);
		rc = text == NULL ? 1
				  : ask(fd, from, "a", strcmp(file, "-") == 0 ? "stdin" : file,
					    text, len);
		free(text);
	} else if (optind < argc) {
		rc = ask_words(fd, from, flags, argv + optind, argc - optind);
	} else {
		rc = ask_lines(fd, from, flags);
	}
	fclose(from);
	return rc != 0;
}
