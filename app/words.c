/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The letters of the grammar: a line becomes words.
 *
 * Words are separated by blanks. A word may be put in double quotes to hold blanks
 * and '#'; inside quotes a backslash makes the next character an ordinary one. A '#'
 * where a word could begin starts a comment. Lines end with LF or CR LF. Text is UTF-8,
 * because it comes out again as JSON; control characters and broken UTF-8 are refused
 * with their column, so that a binary file taken for a configuration says so in its
 * first line. Lengths are bounded: a line by LINE_LEN_MAX, a file by TEXT_LEN_MAX.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "words.h"

/* Length of the UTF-8 character at p, 0 when it is none (RFC 3629). */
static size_t
utf8_len(const unsigned char *p, size_t left)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = p[0] < 0x80       ? 1
		   : p[0] >> 5 == 6  ? 2
		   : p[0] >> 4 == 14 ? 3
		   : p[0] >> 3 == 30 ? 4
				     : 0;
	unsigned int c;

	if (n <= 1 || n > left)
		return n > left ? 0 : n;
	c = p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

/* Is the line text? */
static int
check_text(const char *line, size_t len, char *why, size_t size)
{
	const unsigned char *p = (const unsigned char *)line;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = utf8_len(p + i, len - i);
		if (n == 0 || (p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7f) {
			snprintf(why, size, "not text: byte 0x%02x in column %zu", p[i], i + 1);
			return -EINVAL;
		}
	}
	return 0;
}

/* One word from line[*at] to *to; false when its quotes do not end. */
static bool
take_word(const char *line, size_t len, size_t *at, char **to)
{
	bool quoted = false;

	for (; *at < len; (*at)++) {
		char c = line[*at];

		if (c == '"') {
			quoted = !quoted;
			continue;
		}
		if (!quoted && (c == ' ' || c == '\t'))
			break;
		if (quoted && c == '\\' && *at + 1 < len)
			c = line[++*at];
		*(*to)++ = c;
	}
	*(*to)++ = '\0';
	return !quoted;
}

int
words_split(struct words *words, const char *line, size_t len, char *why, size_t size)
{
	char *to = words->buf;
	size_t at = 0;
	int rc;

	words->n = 0;
	words->open = false;
	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	if (len >= LINE_LEN_MAX) {
		snprintf(why, size, "line of %zu bytes, at most %u are taken", len,
			LINE_LEN_MAX - 1);
		return -EINVAL;
	}
	rc = check_text(line, len, why, size);
	if (rc < 0)
		return rc;
	for (;;) {
		while (at < len && (line[at] == ' ' || line[at] == '\t'))
			at++;
		if (at >= len || line[at] == '#')
			return 0;
		if (words->n == WORDS_MAX) {
			snprintf(why, size, "more than %u words", WORDS_MAX);
			return -EINVAL;
		}
		words->word[words->n++] = to;
		if (!take_word(line, len, &at, &to)) {
			snprintf(why, size, "'%s': closing quote is missing",
				words->word[words->n - 1]);
			return -EINVAL;
		}
		words->open = at == len;
	}
}

void
words_print(FILE *out, const char *word)
{
	if (*word != '\0' && strpbrk(word, " \t\"\\#") == NULL) {
		fputs(word, out);
		return;
	}
	fputc('"', out);
	for (; *word != '\0'; word++) {
		if (*word == '"' || *word == '\\')
			fputc('\\', out);
		fputc(*word, out);
	}
	fputc('"', out);
}

/* Everything that fd has, at most TEXT_LEN_MAX. */
static int
read_all(int fd, char **text, size_t *len)
{
	size_t room = 16384, n = 0;
	char *buf = malloc(room), *more;
	ssize_t got;

	while (buf != NULL) {
		got = read(fd, buf + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			free(buf);
			return -errno;
		}
		if (got == 0) {
			*text = buf;
			*len = n;
			return 0;
		}
		n += got;
		if (n < room)
			continue;
		if (room >= TEXT_LEN_MAX) {
			free(buf);
			return -EFBIG;
		}
		room *= 2;
		more = realloc(buf, room);
		if (more == NULL)
			free(buf);
		buf = more;
	}
	return -ENOMEM;
}

int
words_read_file(const char *path, bool pipes, char **text, size_t *len, char *why, size_t size)
{
	/* Without O_NONBLOCK a FIFO would stop control right here, in open(). */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (pipes ? 0 : O_NONBLOCK));
	struct stat st;
	int rc;

	if (fd < 0) {
		rc = -errno;
		snprintf(why, size, "cannot be opened: %s", strerror(-rc));
		return rc;
	}
	if (fstat(fd, &st) < 0 || !(S_ISREG(st.st_mode) || (pipes && S_ISFIFO(st.st_mode)))) {
		snprintf(why, size, "%s", S_ISDIR(st.st_mode) ? "is a directory" : "is not a file");
		close(fd);
		return -EINVAL;
	}
	rc = read_all(fd, text, len);
	if (rc == -EFBIG)
		snprintf(why, size, "is larger than %u MiB", TEXT_LEN_MAX >> 20);
	else if (rc < 0)
		snprintf(why, size, "cannot be read: %s", strerror(-rc));
	close(fd);
	return rc;
}
