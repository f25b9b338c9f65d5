/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sluicectl: statements for a running sluice.
 *
 *     sluicectl [-s SOCKET] [-j] [STATEMENT...]
 *     sluicectl [-s SOCKET] -f FILE
 *     sluicectl [-s SOCKET] [-j] top [-b] [-d SECONDS] [-n COUNT]
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
#include <unistd.h>

#include "ctltop.h"
#include "reach.h"

#define SOCKETS "/run/sluice/*.sock"

static void
usage(FILE *out)
{
	fprintf(out,
		"usage: sluicectl [-s SOCKET] [-j] [STATEMENT...]\n"
		"       sluicectl [-s SOCKET] -f FILE\n"
		"       sluicectl [-s SOCKET] [-j] top [-b] [-d SECONDS] [-n COUNT]\n"
		"       sluicectl [-j] -c FILE lookup ADDRESS PORT [TIME]\n"
		"  -s SOCKET  the box to talk to (by default the only one in /run/sluice)\n"
		"  -j         show things as JSON\n"
		"  -f FILE    send a file as one transaction, - for stdin\n"
		"  top        the box on the screen: -d seconds between pictures, -n so many, -b "
		"as plain\n             text; q leaves\n"
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

/* Everything in a file. */
static char *
read_file(const char *path, size_t *len)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *text = malloc(REACH_MAX + 1);

	if (f == NULL || text == NULL) {
		fprintf(stderr, "sluicectl: %s: %s\n", path, strerror(errno));
		free(text);
		return NULL;
	}
	*len = fread(text, 1, REACH_MAX + 1, f);
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
		return reach_ask(fd, from, flags, "sluicectl", words[0], strlen(words[0]));
	f = open_memstream(&line, &len);
	if (f == NULL)
		return ENOMEM;
	for (int i = 0; i < n; i++)
		print_word(f, words[i]);
	fclose(f);
	rc = reach_ask(fd, from, flags, "sluicectl", line, len);
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
		rc = reach_ask(fd, from, flags, "sluicectl", line, len);
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

/* "top" with words of the statement is one, with options or alone it is for the screen. */
static bool
is_screen(int argc, char **argv)
{
	return optind + 1 == argc || argv[optind + 1][0] == '-';
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
	fd = path != NULL ? reach_connect(path) : -1;
	free(path);
	from = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (from == NULL)
		return 1;
	if (file != NULL) {
		text = read_file(file, &len);
		rc = text == NULL ? 1
				  : reach_ask(fd, from, "a",
					    strcmp(file, "-") == 0 ? "stdin" : file, text, len);
		free(text);
	} else if (optind < argc && strcmp(argv[optind], "top") == 0 && is_screen(argc, argv)) {
		rc = ctltop_run(fd, from, flags, argc - optind, argv + optind);
	} else if (optind < argc) {
		rc = ask_words(fd, from, flags, argv + optind, argc - optind);
	} else {
		rc = ask_lines(fd, from, flags);
	}
	fclose(from);
	return rc != 0;
}
