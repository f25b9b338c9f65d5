/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Configuration files at run time, help, and leaving.
 *
 * save writes beside the file and renames, so that a crash leaves the old file or the
 * new one; a symbolic link stays one, and the file keeps its mode. load reads a whole
 * new configuration and puts it into force at once, or says what is wrong with it and
 * changes nothing; the library lets all sessions go on that the new one still permits.
 * reload, and SIGHUP, do so with the file that was read last.
 */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply.h"
#include "cli.h"
#include "exception.h"
#include "json.h"
#include "lines.h"
#include "slots.h"

/* The file that the box was started with, or loaded last; "save" goes there. */
static char remembered[PATH_MAX];

void
file_remember(const char *path)
{
	struct stat st;

	/* In full: somebody may change directory, and a pipe cannot be written back to. */
	if (realpath(path, remembered) == NULL || stat(remembered, &st) < 0 ||
		!S_ISREG(st.st_mode) || strncmp(remembered, "/proc/", 6) == 0)
		remembered[0] = '\0';
}

const char *
file_remembered(void)
{
	return remembered[0] != '\0' ? remembered : NULL;
}

/* Print statements as an array of strings. */
static void
print_json(FILE *out, char *text)
{
	struct json json = { .out = out };
	char *rest = text, *line;

	json_object(&json, NULL);
	json_array(&json, "statements");
	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0')
			json_text(&json, NULL, line);
	json_array_end(&json);
	json_object_end(&json);
}

static int
show_configuration(struct call *call, const struct arg *arg)
{
	char *text = NULL;
	size_t len;
	FILE *f;

	if (!call->json)
		return config_write(call->config, arg[0].set, call->out);
	f = open_memstream(&text, &len);
	if (f == NULL)
		return call_fail(call, -ENOMEM, "out of memory");
	config_write(call->config, arg[0].set, f);
	fclose(f);
	print_json(call->out, text);
	free(text);
	return 0;
}

/* Write to an open temporary file, with the mode of the one that it is to replace. */
static int
write_file(int fd, const char *path, const struct sl_config *config)
{
	struct stat st;
	FILE *f = fdopen(fd, "w");
	int rc = 0;

	if (f == NULL) {
		close(fd);
		return -ENOMEM;
	}
	if (fchmod(fd, stat(path, &st) == 0 ? st.st_mode & 0777 : 0644) < 0)
		rc = -errno;
	statement_write(config, f);
	if (rc == 0 && (fflush(f) != 0 || fsync(fd) < 0))
		rc = -errno;
	if (ferror(f) && rc == 0)
		rc = -EIO;
	if (fclose(f) != 0 && rc == 0)
		rc = -errno;
	return rc;
}

/* Replace path, whose directory exists, as a whole. */
static int
replace_file(const char *path, const struct sl_config *config)
{
	char *temp;
	int fd, rc;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		rc = -errno;
		free(temp);
		return rc;
	}
	rc = write_file(fd, path, config);
	if (rc == 0 && rename(temp, path) < 0)
		rc = -errno;
	if (rc < 0)
		unlink(temp);
	free(temp);
	return rc;
}

/* What the start-up file has needs no other place to outlive a restart. */
static void
forwards_are_saved(struct sl_config *config)
{
	for (unsigned int i = 0; i < config->n_forwards; i++)
		config->forward[i].unsaved = false;
}

static int
save(struct call *call, const struct arg *arg)
{
	const char *path = arg[0].set ? arg[0].word : remembered;
	char real[PATH_MAX];
	struct stat st;
	int rc;

	if (*path == '\0')
		return call_fail(call, -EINVAL,
			"save: expected the name of a file, the box was started without one");
	if (realpath(path, real) == NULL) {
		if (errno != ENOENT)
			return call_fail(call, -errno, "'%s': %s", path, strerror(errno));
		snprintf(real, sizeof(real), "%s", path);
	}
	if (stat(real, &st) == 0 && !S_ISREG(st.st_mode))
		return call_fail(
			call, -EINVAL, "'%s': is not a file; name one that can be replaced", path);
	rc = replace_file(real, call->config);
	if (rc < 0)
		return call_fail(call, rc, "'%s': cannot be written: %s", path, strerror(-rc));
	if (strcmp(real, remembered) == 0)
		forwards_are_saved(call->config);
	fprintf(call->out, "saved to %s\n", realpath(path, real) != NULL ? real : path);
	return 0;
}

/* Replace the configuration as a whole; nothing has changed when this fails. */
static int
replace_config(struct box *box, const struct grammar *grammar, const char *path, FILE *err)
{
	char why[256] = "";
	struct sl_config *config = lines_load(box, grammar, path, false, err);
	int rc;

	if (config == NULL)
		return -EINVAL;
	rc = slots_align(config, box->config);
	if (rc == 0)
		rc = exception_carry(box->config, config);
	if (rc == 0)
		rc = box_apply(box, config, why, sizeof(why));
	if (rc < 0) {
		sl_config_destroy(config);
		fprintf(err, "%s: %s\n", path, why[0] != '\0' ? why : strerror(-rc));
	}
	return rc;
}

static int
load(struct call *call, const struct arg *arg)
{
	int rc = replace_config(call->box, call->grammar, arg[0].word, call->err);

	if (rc == 0)
		file_remember(arg[0].word);
	return rc;
}

int
config_reload(struct box *box, const struct grammar *grammar, FILE *err)
{
	if (remembered[0] == '\0') {
		fprintf(err, "reload: there is no file to read again, the box was started without "
			     "one\n");
		return -EINVAL;
	}
	return replace_config(box, grammar, remembered, err);
}

static int
reload(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	return config_reload(call->box, call->grammar, call->err);
}

static void
print_help(void *arg, const struct statement *statement)
{
	fprintf(arg, "%s\n        %s\n", statement->pattern, statement->help);
}

static void
print_help_json(void *arg, const struct statement *statement)
{
	json_object(arg, NULL);
	json_text(arg, "statement", statement->pattern);
	json_text(arg, "help", statement->help);
	json_flag(arg, "configures", statement->kind == ST_CONFIG);
	json_object_end(arg);
}

/* "help" and some words that statements begin with. */
static int
help(struct call *call, const struct arg *arg)
{
	struct json json = { .out = call->out };
	struct words words = *call->words;
	unsigned int n;

	RTE_SET_USED(arg);
	if (!call->json) {
		n = grammar_help(call->grammar, &words, 1, print_help, call->out);
		return n > 0 ? 0
			     : call_fail(call, -ENOENT,
				       "no statement begins like that; 'help' alone lists all");
	}
	if (strcmp(words.word[words.n - 1], "json") == 0)
		words.n--;
	json_array(&json, NULL);
	grammar_help(call->grammar, &words, 1, print_help_json, &json);
	json_array_end(&json);
	return 0;
}

static void
print_word(void *arg, const char *word, const char *help)
{
	RTE_SET_USED(help);
	fprintf(arg, "%s\n", word);
}

/* What a shell asks for its user: the words that fit behind a line, or end its last word. */
static int
complete(struct call *call, const struct arg *arg)
{
	lines_complete(
		call->box, call->grammar, arg[0].set ? arg[0].word : "", print_word, call->out);
	return 0;
}

static int
quit(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->after->quit = true;
	return 0;
}

static int
stop_box(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	box_stop(call->box);
	return 0;
}

const struct statement cli_file_statements[] = {
	{ "show configuration [all] [json]", show_configuration,
		"statements that make this box again", ST_NOW },
	{ "save [FILE]", save, "write the configuration to a file, by default where it came from",
		ST_NOW },
	{ "load FILE", load, "replace the configuration by that of a file", ST_NOW },
	{ "reload", reload, "read the file again that the configuration came from", ST_NOW },
	{ "help [json] [TEXT] [TEXT] [TEXT]", help, "statements that begin with these words",
		ST_NOW },
	{ "complete [TEXT]", complete, "words that may come next in this line", ST_NOW },
	{ "quit", quit, "leave the prompt, the box goes on", ST_NOW },
	{ "exit", quit, "leave the prompt, the box goes on", ST_NOW },
	{ "shutdown", stop_box, "stop the box", ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
